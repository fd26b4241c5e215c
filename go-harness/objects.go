package harness

import (
	"bytes"
	"fmt"
	"strconv"
)

// leakgateObject is what a frame of a goroutine works on: the address that is its first argument. Goroutines that share
// one may belong together (the two loops of a connection).
type leakgateObject struct {
	frame int // 0 is the innermost
	addr  uint64
}

const (
	leakgateMostObjects = 8     // per goroutine: the four innermost and the four outermost frames that have one
	leakgateStackPlaces = 1000  // different places (frame, address) per stack
	leakgateMostPlaces  = 50000 // and in all
)

// leakgateHeapAt is an address in the heap: what is near it is a pointer and no number.
var leakgateHeapAt = func() uint64 {
	n, _ := strconv.ParseUint(fmt.Sprintf("%p", new([64]byte)), 0, 64)
	return n
}()

const leakgateHeapSize = 1 << 36

// leakgateObjects adds the first arguments of a block's frames: `m.(*T).loop(0xc000102030, 0x1)`. Receivers count
// wherever they lie, other pointers only in the heap. What the compiler does not keep (`0xc000102030?`, `...`) is left out.
func leakgateObjects(found []leakgateObject, block []byte) []leakgateObject {
	_, rest := leakgateLine(block)
	for frame := 0; len(rest) > 0; {
		var line []byte
		line, rest = leakgateLine(rest)
		if len(line) == 0 || line[0] == '\t' {
			continue
		}
		if bytes.HasPrefix(line, []byte("created by ")) || line[0] == '[' {
			break // its own frames end here
		}
		if bytes.HasPrefix(line, []byte("...")) {
			continue
		}
		if addr := leakgateFirstArgument(line); addr != 0 {
			if len(found) == leakgateMostObjects {
				copy(found[leakgateMostObjects/2:], found[leakgateMostObjects/2+1:])
				found = found[:leakgateMostObjects-1]
			}
			found = append(found, leakgateObject{frame, addr})
		}
		frame++
	}
	return found
}

// leakgateFirstArgument is 0 if that is no pointer for certain. Of a generic function (`m.(*T[...]).loop(0x4a39f3)`) Go prints
// what happens to lie where it looks for the argument.
func leakgateFirstArgument(line []byte) uint64 {
	open := bytes.LastIndexByte(line, '(')
	if open <= 0 || line[len(line)-1] != ')' || bytes.IndexByte(line[:open], '[') >= 0 {
		return 0
	}
	arg := line[open+1 : len(line)-1]
	if comma := bytes.IndexByte(arg, ','); comma >= 0 {
		arg = arg[:comma]
	}
	if len(arg) < len("0x100000") || arg[0] != '0' || arg[1] != 'x' || len(arg) > len("0x0123456789abcdef") {
		return 0
	}
	addr := uint64(0)
	for _, c := range arg[2:] {
		switch {
		case c >= '0' && c <= '9':
			addr = addr<<4 | uint64(c-'0')
		case c >= 'a' && c <= 'f':
			addr = addr<<4 | uint64(c-'a'+10)
		default:
			return 0
		}
	}
	if bytes.Contains(line[:open], []byte(".(*")) || addr-leakgateHeapAt+leakgateHeapSize < 2*leakgateHeapSize {
		return addr
	}
	return 0
}

// putObjects writes what the goroutines of one stack work on, who shares a place together, and counts what is beyond
// the limits.
func (s *leakgateState) putObjects(p *leakgatePayload, of []*leakgateSuspect, left *int) (dropped int) {
	places := map[leakgateObject][]uint64{}
	var order []leakgateObject
	for _, g := range of {
		for _, object := range g.shownObjects() {
			if places[object] == nil {
				if len(order) == leakgateStackPlaces || *left == 0 {
					dropped++
					continue
				}
				*left--
				order = append(order, object)
			}
			places[object] = append(places[object], g.id)
		}
	}
	for _, object := range order {
		p.key('o').num(int64(object.frame))
		p.out = strconv.AppendUint(append(p.out, ' '), object.addr, 16)
		p.ids(places[object]).end()
	}
	return dropped
}

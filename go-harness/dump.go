package harness

import (
	"bytes"
	"runtime"
	"time"
)

// leakgateDumps takes dumps into a buffer that grows until all of it fits.
type leakgateDumps struct {
	buf       []byte
	cost      int64 // ns of the last one
	truncated bool
	again     bool // there will be more dumps: the buffer is kept, however large
	taken     int
	onTake    func() // for tests
}

const (
	leakgateSmallBuffer = 64 << 10
	leakgateKeepBuffer  = 4 << 20
	leakgateMostBuffer  = 1 << 30
)

func (d *leakgateDumps) take() []byte {
	start := time.Now()
	d.taken++
	if d.onTake != nil {
		d.onTake()
	}
	d.truncated = false
	if want := leakgateSmallBuffer + 512*leakgateNumGoroutine(); len(d.buf) < want {
		d.buf = make([]byte, want)
	}
	for {
		n := runtime.Stack(d.buf, true)
		if n < len(d.buf) || len(d.buf) >= leakgateMostBuffer {
			d.truncated = n == len(d.buf)
			dump := d.buf[:n]
			if len(d.buf) > leakgateKeepBuffer && !d.again {
				d.buf = nil
			}
			d.cost = int64(time.Since(start))
			return dump
		}
		d.buf = make([]byte, 2*len(d.buf))
	}
}

// leakgateHead is the first line of a block.
type leakgateHead struct {
	id     uint64
	state  []byte // wait reason and suffixes, without labels
	labels []byte // without braces
}

// leakgateBlock cuts the first block off a dump.
func leakgateBlock(dump []byte) (block, rest []byte) {
	if i := bytes.Index(dump, []byte("\n\n")); i >= 0 {
		return dump[:i+1], dump[i+2:]
	}
	return dump, nil
}

func leakgateLine(text []byte) (line, rest []byte) {
	if i := bytes.IndexByte(text, '\n'); i >= 0 {
		return text[:i], text[i+1:]
	}
	return text, nil
}

func leakgateUint(text []byte) (n uint64, rest []byte) {
	i := 0
	for ; i < len(text) && text[i] >= '0' && text[i] <= '9'; i++ {
		n = n*10 + uint64(text[i]-'0')
	}
	return n, text[i:]
}

// leakgateHeader reads `goroutine 7 [select, 2 minutes]:`, with labels inside the brackets (Go 1.26: `[select labels:{…}]:`)
// or behind them (Go 1.27: `[select] {…}:`).
func leakgateHeader(block []byte) (head leakgateHead, ok bool) {
	line, _ := leakgateLine(block)
	if !bytes.HasPrefix(line, []byte("goroutine ")) {
		return head, false
	}
	id, rest := leakgateUint(line[len("goroutine "):])
	open := bytes.IndexByte(rest, '[')
	if open < 0 {
		return head, false
	}
	head.id = id
	rest = rest[open+1:]
	if inside := bytes.Index(rest, []byte(" labels:{")); inside >= 0 && !bytes.ContainsRune(rest[:inside], ']') {
		head.state = rest[:inside]
		head.labels = bytes.TrimSuffix(rest[inside+len(" labels:{"):], []byte("}]:"))
		return head, true
	}
	shut := bytes.IndexByte(rest, ']')
	if shut < 0 {
		return head, false
	}
	head.state, rest = rest[:shut], rest[shut+1:]
	if bytes.HasPrefix(rest, []byte(" {")) {
		head.labels = bytes.TrimSuffix(rest[2:], []byte("}:"))
	}
	return head, true
}

// leakgateReason is the state without what changes while a goroutine stays where it is.
func leakgateReason(state []byte) (reason []byte, leaked bool) {
	reason = state
	if i := bytes.Index(reason, []byte(", ")); i >= 0 {
		reason = reason[:i]
	}
	if bytes.HasSuffix(reason, []byte(" (scan)")) {
		reason = reason[:len(reason)-len(" (scan)")]
	}
	for _, durable := range []string{"", " (durable)"} {
		if cut := len(reason) - len(" (leaked)") - len(durable); cut > 0 && string(reason[cut:]) == " (leaked)"+durable {
			return append(reason[:cut:cut], durable...), true
		}
	}
	return reason, false
}

// leakgateNormal writes a block in dump grammar, so that equal goroutines give equal text: id 0, no labels, no minutes, no
// `(leaked)`, no arguments, no offsets, no creator's id. It also gives the creator's id.
func leakgateNormal(out []byte, head leakgateHead, block []byte) (text []byte, parent uint64) {
	reason, _ := leakgateReason(head.state)
	out = append(append(out, "goroutine 0 ["...), reason...)
	rest := head.state
	for {
		i := bytes.Index(rest, []byte(", "))
		if i < 0 {
			break
		}
		rest = rest[i+2:]
		part := rest
		if j := bytes.Index(part, []byte(", ")); j >= 0 {
			part = part[:j]
		}
		if !bytes.HasSuffix(part, []byte(" minutes")) {
			out = append(append(out, ", "...), part...)
		}
	}
	out = append(out, "]:\n"...)
	_, rest = leakgateLine(block)
	created := false
	for len(rest) > 0 {
		var line []byte
		line, rest = leakgateLine(rest)
		switch {
		case len(line) == 0:
			continue
		case line[0] == '\t':
			if i := bytes.LastIndex(line, []byte(" +0x")); i > 0 {
				line = line[:i]
			}
			out = append(out, line...)
		case !created && bytes.HasPrefix(line, []byte("created by ")):
			created = true
			if i := bytes.LastIndex(line, []byte(" in goroutine ")); i > 0 {
				parent, _ = leakgateUint(line[i+len(" in goroutine "):])
				line = line[:i]
			}
			out = append(out, line...)
		case line[len(line)-1] == ')':
			out = append(append(out, line[:bytes.LastIndexByte(line, '(')]...), "(...)"...)
		default:
			out = append(out, line...)
		}
		out = append(out, '\n')
	}
	return out, parent
}

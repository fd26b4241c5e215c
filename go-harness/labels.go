package harness

import (
	"bytes"
	"io"
)

// leakgateLabels is what runtime/pprof does for us (_hosted/).
type leakgateLabels interface {
	// LeakgateLabel labels the calling goroutine and all that it starts with "<seq>:<name>", the name cut to 200 bytes,
	// or with the name alone when seq is 0; "" takes all labels off. Tests see nothing of it.
	// It gives back what LeakgateCarried gives as long as the goroutine's labels are these.
	LeakgateLabel(seq uint32, name string) uintptr
	LeakgateCarried() uintptr
	// LeakgateProfile writes the goroutine profile as text, with our labels.
	LeakgateProfile(io.Writer) error
	// LeakgateShow has dumps show our labels, or not.
	LeakgateShow(on bool)
}

const (
	leakgateLabelKey    = "leakgate"
	leakgateLabelCanary = "canary"
)

// leakgateLabelSeq reads the test's number from a label's value; 0 when there is none.
func leakgateLabelSeq(value []byte) uint32 {
	seq, rest := leakgateUint(value)
	if len(rest) == len(value) || len(rest) == 0 || rest[0] != ':' || seq > 1<<32-1 {
		return 0
	}
	return uint32(seq)
}

// leakgateFindLabel looks our key up in labels as the runtime prints them (without the braces): `k: v, "q k": "q v"`.
func leakgateFindLabel(labels []byte) (value []byte, ok bool) {
	for len(labels) > 0 {
		var key []byte
		key, labels = leakgateLabelToken(labels, ':')
		if len(labels) > 0 && labels[0] == ':' {
			labels = labels[1:]
		}
		labels = bytes.TrimLeft(labels, " ")
		value, labels = leakgateLabelToken(labels, ',')
		if string(key) == leakgateLabelKey {
			return value, true
		}
		labels = bytes.TrimLeft(labels, ", ")
	}
	return nil, false
}

// leakgateLabelToken reads a bare or quoted token. A bare key ends at stop; a bare value of ours may hold a colon, so
// that a value ends at the comma only. Escapes are kept: nothing of ours needs them.
func leakgateLabelToken(text []byte, stop byte) (token, rest []byte) {
	if len(text) > 0 && text[0] == '"' {
		for i := 1; i < len(text); i++ {
			switch text[i] {
			case '\\':
				i++
			case '"':
				return text[1:i], text[i+1:]
			}
		}
		return text[1:], nil
	}
	for i, c := range text {
		if c == stop {
			return text[:i], text[i:]
		}
	}
	return text, nil
}

// leakgateStackDepth is below every limit of the runtime: profiles hold 32 frames up to Go 1.22, dumps the innermost 50.
const leakgateStackDepth = 24

// leakgateStackKey is the innermost frames of a dump's block as the goroutine profile shows them: without the runtime's
// own at the top.
func leakgateStackKey(block []byte) string {
	var key []byte
	_, rest := leakgateLine(block)
	for depth, show := 0, false; depth < leakgateStackDepth && len(rest) > 0; {
		var fn, at []byte
		fn, rest = leakgateLine(rest)
		if bytes.HasPrefix(fn, []byte("created by ")) || bytes.HasPrefix(fn, []byte("...")) || bytes.HasPrefix(fn, []byte("[")) {
			break
		}
		at, rest = leakgateLine(rest)
		if open := bytes.LastIndexByte(fn, '('); open > 0 {
			fn = fn[:open]
		}
		if !show && leakgateRuntimeFrame(fn) {
			continue
		}
		show = true
		depth++
		key = append(append(append(key, fn...), ' '), bytes.TrimLeft(at, "\t")...)
		key = append(key, '\n')
	}
	return string(key)
}

func leakgateRuntimeFrame(fn []byte) bool {
	return bytes.HasPrefix(fn, []byte("runtime.")) || bytes.HasPrefix(fn, []byte("internal/runtime/"))
}

// leakgateCounts is how many goroutines of one stack carry the label of which test; 0 means none of ours.
type leakgateCounts map[uint32]int

// leakgateReadProfile reads the text form of the goroutine profile: for each stack, how many carry which of our labels.
func leakgateReadProfile(text []byte) map[string]leakgateCounts {
	stacks := map[string]leakgateCounts{}
	var count, seq uint64
	var key []byte
	depth := 0
	flush := func() {
		if count > 0 {
			counts := stacks[string(key)]
			if counts == nil {
				counts = leakgateCounts{}
				stacks[string(key)] = counts
			}
			counts[uint32(seq)] += int(count)
		}
		count, seq, depth, key = 0, 0, 0, key[:0]
	}
	for len(text) > 0 {
		var line []byte
		line, text = leakgateLine(text)
		switch {
		case bytes.HasPrefix(line, []byte("# labels: {")):
			labels := bytes.TrimSuffix(line[len("# labels: {"):], []byte("}"))
			if value, ok := leakgateFindLabel(labels); ok {
				seq = uint64(leakgateLabelSeq(value))
			}
		case bytes.HasPrefix(line, []byte("#\t")):
			if depth < leakgateStackDepth {
				key = leakgateProfileFrame(key, line)
				depth++
			}
		case bytes.Contains(line, []byte(" @")):
			flush()
			count, _ = leakgateUint(line)
		}
	}
	flush()
	return stacks
}

// leakgateProfileFrame appends `func file:line` of a line `#\t0xpc\tfunc+0xoff\tfile:line`; the columns are padded with tabs.
func leakgateProfileFrame(key, line []byte) []byte {
	fields := bytes.FieldsFunc(line, func(r rune) bool { return r == '\t' })
	if len(fields) < 4 {
		return append(key, "?\n"...)
	}
	fn := fields[2]
	if plus := bytes.LastIndex(fn, []byte("+0x")); plus > 0 {
		fn = fn[:plus]
	}
	key = append(append(append(key, fn...), ' '), fields[3]...)
	return append(key, '\n')
}

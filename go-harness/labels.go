package harness

import (
	"bytes"
	"io"
	"strconv"
)

// leakgateLabels is what runtime/pprof does for us (_hosted/).
type leakgateLabels interface {
	// LeakgateLabel labels the calling goroutine and all that it starts, without anything that tests could see; "" takes
	// all labels off.
	LeakgateLabel(value string)
	// LeakgateProfile writes the goroutine profile as text, with our labels.
	LeakgateProfile(io.Writer) error
	// LeakgateShow has dumps show our labels, or not.
	LeakgateShow(on bool)
}

const (
	leakgateLabelKey    = "leakgate"
	leakgateLabelCanary = "canary"
)

// leakgateLabelValue is "<seq>:<name>", the name cut to 200 bytes.
func leakgateLabelValue(seq uint32, name string) string {
	if len(name) > 200 {
		name = name[:200]
	}
	return strconv.FormatUint(uint64(seq), 10) + ":" + name
}

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

// leakgateLabelCount is how many goroutines of one stack carry the label of one test.
type leakgateLabelCount struct {
	seq uint32
	n   int
}

// labelFromProfile finds the tests of suspects whose headers showed no label: those do only at the end, on Go ≥ 1.26
// (showLabels). The labelled goroutine profile has
// no ids, but the count of each pair of stack and label is exact; among equal stacks a goroutine goes to the test that
// its parents lead to, if any. While tests run what is not clear stays open: others start and end meanwhile.
func (s *leakgateState) labelFromProfile(settled bool) {
	if s.labels == nil {
		return
	}
	for _, g := range s.life.pending {
		g.profiled = true
		if settled && g.seqFromProfile {
			g.seq, g.seqFromProfile = 0, false
		}
	}
	groups := map[string][]*leakgateSuspect{}
	var keys []string
	for _, g := range s.life.pending {
		if g.seq == 0 {
			key := g.block.stackKey()
			if groups[key] == nil {
				keys = append(keys, key)
			}
			groups[key] = append(groups[key], g)
		}
	}
	if len(groups) == 0 {
		return
	}
	var buf bytes.Buffer
	if err := s.labels.LeakgateProfile(&buf); err != nil {
		return
	}
	stacks := leakgateReadProfile(buf.Bytes())
	// Those that showed their label in their header are in the profile's counts too.
	for _, g := range s.life.pending {
		if g.seq != 0 && len(groups[g.block.stackKey()]) > 0 {
			leakgateTakeLabel(stacks[g.block.stackKey()], g.seq)
		}
	}
	known := s.index()
	known.byParent = s.labelsOfChildren()
	order := make([]uint64, len(keys))
	for i, key := range keys {
		order[i] = uint64(len(stacks[key]))<<32 | uint64(i)
	}
	leakgateSort(order) // stacks of few tests first: they tell of their siblings
	for _, o := range order {
		key := keys[uint32(o)]
		s.shareLabels(groups[key], stacks[key], known, settled)
	}
}

// labelsOfChildren tells the label of a parent by those of its children, which inherited it: of the dialler of an HTTP
// connection, say, which is gone, but one of the connection's two loops is known.
func (s *leakgateState) labelsOfChildren() map[uint64]uint32 {
	labels := map[uint64]uint32{}
	for _, g := range s.life.pending {
		if g.seq != 0 && g.parent != 0 && g.parent != s.gate.mainGoid {
			labels[g.parent] = g.seq
		}
	}
	return labels
}

// leakgateIndex finds spans by goroutine and by number, and the label that the children of a goroutine carry.
type leakgateIndex struct {
	byGoid   map[uint64]uint32
	bySeq    map[uint32]*leakgateSpan
	byParent map[uint64]uint32
}

func (s *leakgateState) index() leakgateIndex {
	known := leakgateIndex{byGoid: map[uint64]uint32{}, bySeq: map[uint32]*leakgateSpan{}}
	for i := range s.spans {
		span := &s.spans[i]
		if span.goid != 0 && span.goid != s.gate.mainGoid {
			known.byGoid[span.goid] = span.seq
		}
		if known.bySeq[span.seq] == nil {
			known.bySeq[span.seq] = span
		}
	}
	return known
}

func (s *leakgateState) shareLabels(group []*leakgateSuspect, counts []leakgateLabelCount, known leakgateIndex, settled bool) {
	var unknown []*leakgateSuspect
	for _, g := range group {
		seq := s.lineage(g.id, known)
		if seq == 0 {
			seq = known.byParent[g.parent]
		}
		if seq == 0 {
			unknown = append(unknown, g)
		} else if leakgateTakeLabel(counts, seq) {
			s.labelled(g, seq, known)
		}
	}
	if !settled && leakgateTests(counts) > 1 {
		return
	}
	const tooMany = 1 << 22 // pairs to compare
	for _, inWindow := range []bool{true, false} {
		if inWindow && len(unknown)*len(counts) > tooMany {
			continue
		}
		first := 0
		for _, g := range unknown {
			for first < len(counts) && counts[first].n == 0 {
				first++
			}
			for i := first; i < len(counts) && g.seq == 0; i++ {
				if counts[i].n > 0 && (!inWindow || s.ranWithin(known.bySeq[counts[i].seq], g)) {
					counts[i].n--
					s.labelled(g, counts[i].seq, known)
				}
			}
		}
	}
}

func (s *leakgateState) labelled(g *leakgateSuspect, seq uint32, known leakgateIndex) {
	g.seq, g.seqFromProfile = seq, true
	if g.parent != 0 && g.parent != s.gate.mainGoid {
		known.byParent[g.parent] = seq
	}
}

// leakgateTests is how many tests have goroutines left to share out.
func leakgateTests(counts []leakgateLabelCount) (tests int) {
	for _, c := range counts {
		if c.n > 0 {
			tests++
		}
	}
	return tests
}

// ranWithin: the test ran when the goroutine appeared.
func (s *leakgateState) ranWithin(t *leakgateSpan, g *leakgateSuspect) bool {
	return t != nil && t.start <= g.firstSeen && (t.end < 0 || t.end >= g.absentUntil) &&
		(g.parent != s.gate.mainGoid || t.goid == s.gate.mainGoid)
}

func leakgateTakeLabel(counts []leakgateLabelCount, seq uint32) bool {
	for i := range counts {
		if counts[i].seq == seq && counts[i].n > 0 {
			counts[i].n--
			return true
		}
	}
	return false
}

// lineage follows parents up to a goroutine that ran a test; 0 when there is none.
func (s *leakgateState) lineage(id uint64, known leakgateIndex) uint32 {
	for steps := 0; steps < 1000 && id != 0; steps++ {
		if seq, ok := known.byGoid[id]; ok {
			return seq
		}
		g := s.life.byID[id]
		if g == nil {
			return 0
		}
		id = g.parent
	}
	return 0
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

// leakgateReadProfile reads the text form of the goroutine profile: for each stack, how many carry which of our labels.
func leakgateReadProfile(text []byte) map[string][]leakgateLabelCount {
	stacks := map[string][]leakgateLabelCount{}
	var count, seq uint64
	var key []byte
	depth := 0
	flush := func() {
		if count > 0 && seq > 0 {
			k := string(key)
			stacks[k] = append(stacks[k], leakgateLabelCount{uint32(seq), int(count)})
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

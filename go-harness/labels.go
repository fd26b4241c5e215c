package harness

import (
	"bytes"
	"io"
	"runtime"
	"time"
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

// leakgateSource is how a label was read.
type leakgateSource uint8

const (
	leakgateUnlabelled  leakgateSource = iota
	leakgateFromHeader                 // the goroutine's own header showed it
	leakgateFromProfile                // by the profile it can be no other
	leakgateFromSum                    // it is this one, or that of an equal goroutine
)

// leakgateLabel is a test's number and how it was read.
type leakgateLabel struct {
	seq    uint32
	source leakgateSource
}

// leakgateSaid is what a profile said of a goroutine that was shown with this stack by the dump before.
type leakgateSaid struct {
	leakgateLabel
	block   *leakgateBlockText
	settled bool // nothing came or went: one that was caught between two ticks is where it was
}

// The settled end is looked at so often, and for so long, because something moved meanwhile.
const (
	leakgateProfileTries = 10
	leakgateProfileTime  = 200 * time.Millisecond
)

// labelSettled labels what is left at the end, unless headers have shown all labels. Labels that equal goroutines share
// are right in sum only, so that none of these goroutines may have moved.
func (s *leakgateState) labelSettled() {
	l := &s.life
	start := time.Now()
	for try := 0; try < leakgateProfileTries && time.Since(start) < leakgateProfileTime && !l.canaryLabel; try++ {
		asked := append([]*leakgateSuspect(nil), l.pending...)
		blocks := make([]*leakgateBlockText, len(asked))
		for i, g := range asked {
			blocks[i], _ = g.shown()
		}
		// Let them run who can: all tickers of a process that got no processor for a while have ticked.
		for i := 0; i < 3; i++ {
			runtime.Gosched()
		}
		l.misfit = false
		if !s.labelFromProfile(true) {
			return
		}
		s.dump()
		moved := map[string]bool{}
		for i, g := range asked {
			if now, _ := g.shown(); g.goneBy >= 0 || now != blocks[i] {
				moved[blocks[i].stackKey()] = true
			}
		}
		again := l.misfit || len(moved) > 0
		for _, g := range l.pending {
			if g.source == leakgateFromSum && moved[g.stackKey()] {
				g.leakgateLabel = leakgateLabel{}
			}
			again = again || !g.profiled
		}
		if !again {
			return
		}
	}
}

// labelFromProfile finds the tests of suspects whose headers showed no label: those do only at the end, on Go ≥ 1.26
// (showLabels). The labelled goroutine profile has no ids, and is taken at another moment than the dump: goroutines start, end and move meanwhile. So what it says of a
// goroutine is only believed if the next dump shows it where it was, see confirm. It tells whether there was any to ask for.
func (s *leakgateState) labelFromProfile(settled bool) bool {
	if s.labels == nil {
		return false
	}
	groups := map[string][]*leakgateSuspect{}
	var keys []string
	for _, g := range s.life.pending {
		g.profiled = true
		if !settled && g.stackKey() != g.block.stackKey() {
			continue // it runs
		}
		if key := g.stackKey(); g.seq == 0 && groups[key] == nil {
			keys = append(keys, key)
			groups[key] = []*leakgateSuspect{}
		}
	}
	if len(keys) == 0 {
		return false
	}
	// Those with equal stacks whose label is known are in the profile's counts too.
	for _, g := range s.life.pending {
		if key := g.stackKey(); groups[key] != nil && (settled || key == g.block.stackKey()) {
			groups[key] = append(groups[key], g)
		}
	}
	var buf bytes.Buffer
	if err := s.labels.LeakgateProfile(&buf); err != nil {
		return false
	}
	stacks := leakgateReadProfile(buf.Bytes())
	known := s.index()
	order := make([]uint64, len(keys))
	for i, key := range keys {
		order[i] = uint64(len(stacks[key]))<<32 | uint64(i)
	}
	leakgateSort(order) // stacks of few tests first: they tell of their siblings
	for _, o := range order {
		key := keys[uint32(o)]
		s.shareLabels(groups[key], stacks[key], known, settled)
	}
	return true
}

// confirm is for a suspect that a dump shows again: what the profile said holds if it is where it was.
func (g *leakgateSuspect) confirm() {
	block, _ := g.shown()
	if g.seq == 0 && g.said.block == block && (g.said.settled || g.block == block) {
		g.leakgateLabel = g.said.leakgateLabel
	}
	g.said = leakgateSaid{}
}

// leakgateIndex finds spans by goroutine and by number, and the label that the children of a goroutine carry: they
// inherited it from the dialler of an HTTP connection, say, which is gone, but one of the connection's two loops is known.
type leakgateIndex struct {
	byGoid   map[uint64]uint32
	bySeq    map[uint32]*leakgateSpan
	byParent map[uint64]leakgateLabel
}

func (s *leakgateState) index() leakgateIndex {
	known := leakgateIndex{map[uint64]uint32{}, map[uint32]*leakgateSpan{}, map[uint64]leakgateLabel{}}
	for i := range s.spans {
		span := s.spans[i]
		if span.goid != 0 && span.goid != s.gate.mainGoid {
			known.byGoid[span.goid] = span.seq
		}
		if known.bySeq[span.seq] == nil {
			known.bySeq[span.seq] = span
		}
	}
	for _, g := range s.life.pending {
		s.learn(g, g.leakgateLabel, known)
	}
	return known
}

func (s *leakgateState) learn(g *leakgateSuspect, label leakgateLabel, known leakgateIndex) {
	if label.seq == 0 || g.parent == 0 || g.parent == s.gate.mainGoid {
		return
	}
	if other, both := known.byParent[g.parent]; both && other.seq != label.seq {
		label = leakgateLabel{} // siblings of several tests tell nothing
	}
	known.byParent[g.parent] = label
}

// leakgateCounts is how many goroutines of one stack carry the label of which test; 0 means none of ours.
type leakgateCounts map[uint32]int

func (c leakgateCounts) take(seq uint32) bool {
	if c[seq] == 0 {
		return false
	}
	if c[seq]--; c[seq] == 0 {
		delete(c, seq)
	}
	return true
}

// only is the one label that is there, 0 if there are several or none.
func (c leakgateCounts) only() (seq uint32) {
	for seq = range c {
	}
	if len(c) != 1 {
		return 0
	}
	return seq
}

// shareLabels gives the suspects of one stack their labels as far as they are certain: there is but one, or what is left
// when kinship has told some. At the settled end equal goroutines of several tests share out theirs: nothing tells them
// apart, and their sum is right.
func (s *leakgateState) shareLabels(group []*leakgateSuspect, counts leakgateCounts, known leakgateIndex, settled bool) {
	total := 0
	for _, n := range counts {
		total += n
	}
	exact := total-counts[0] == len(group)
	only := counts.only()
	if settled && !exact {
		only = 0
		s.life.misfit = s.life.misfit || total != len(group)
	}
	if total < len(group) {
		return // some have moved
	}
	if only == 0 {
		delete(counts, 0)
	}
	var open []*leakgateSuspect
	for _, g := range group {
		told := g.leakgateLabel
		if told.seq == 0 {
			told = s.kin(g, known)
		}
		switch {
		case told.seq == 0:
			open = append(open, g)
		case counts.take(told.seq):
			s.say(g, told, known, settled)
		default:
			exact, only = false, 0 // something moved, or took its label off
		}
	}
	if exact && only == 0 {
		only = counts.only() // what is left
	}
	if only != 0 {
		for _, g := range open {
			s.say(g, leakgateLabel{only, leakgateFromProfile}, known, settled)
		}
		return
	}
	if settled && exact && leakgateEqual(open) {
		s.shareOut(open, counts, known)
	}
}

func leakgateEqual(open []*leakgateSuspect) bool {
	for _, g := range open {
		a, _ := g.shown()
		if b, _ := open[0].shown(); a != b {
			return false
		}
	}
	return true
}

// shareOut goes by time first: who appeared while which test ran.
func (s *leakgateState) shareOut(open []*leakgateSuspect, counts leakgateCounts, known leakgateIndex) {
	var seqs []uint64
	for seq := range counts {
		seqs = append(seqs, uint64(seq))
	}
	leakgateSort(seqs)
	const tooMany = 1 << 22 // pairs to compare
	for _, inWindow := range []bool{true, false} {
		if inWindow && len(open)*len(seqs) > tooMany {
			continue
		}
		first := 0
		for _, g := range open {
			for first < len(seqs) && counts[uint32(seqs[first])] == 0 {
				first++
			}
			for i := first; i < len(seqs) && g.said.seq == 0; i++ {
				seq := uint32(seqs[i])
				if (!inWindow || s.ranWithin(known.bySeq[seq], g)) && counts.take(seq) {
					s.say(g, leakgateLabel{seq, leakgateFromSum}, known, true)
				}
			}
		}
	}
}

// say notes what the profile said of a suspect, unless it was there before the test began.
func (s *leakgateState) say(g *leakgateSuspect, label leakgateLabel, known leakgateIndex, settled bool) {
	if span := known.bySeq[label.seq]; span == nil || span.start > g.firstSeen {
		return
	}
	block, _ := g.shown()
	g.said = leakgateSaid{label, block, settled}
	s.learn(g, label, known)
}

// kin is the label of the test that a suspect's parents lead to, or that of its siblings.
func (s *leakgateState) kin(g *leakgateSuspect, known leakgateIndex) leakgateLabel {
	if seq := s.lineage(g.id, known); seq != 0 {
		return leakgateLabel{seq, leakgateFromProfile}
	}
	return known.byParent[g.parent]
}

// ranWithin: the test ran when the goroutine appeared.
func (s *leakgateState) ranWithin(t *leakgateSpan, g *leakgateSuspect) bool {
	return t != nil && t.start <= g.firstSeen && (t.end < 0 || t.end >= g.absentUntil) &&
		(g.parent != s.gate.mainGoid || t.goid == s.gate.mainGoid)
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

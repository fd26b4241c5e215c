package harness

import (
	"bytes"
	"runtime"
	"strconv"
	"time"
)

// leakgateReadings is what readings of the labelled goroutine profile say, as lines of the payload. The profile has no ids,
// and is taken at another moment than a dump: goroutines start, end and move meanwhile. So a reading says how many
// goroutines of a stack carry which label, which goroutines the dump before showed there, and which of these the dump after
// does not show where they were. Who carries which label follows from that; leakgate finds it, see src/leak/attribution.
type leakgateReadings struct {
	lines  leakgatePayload
	stacks map[string]*leakgateReadStack
	shown  []leakgateShown // by the dump before the last reading; until the next dump
	ended  bool            // the last reading was taken when all tests had ended
	moved  bool            // the dump after it did not show all of them where they were
	misfit bool            // its counts did not fit the dump before
}

// leakgateReadStack is a stack as the last reading that mentions it found it. A reading writes the differences only.
type leakgateReadStack struct {
	number  int
	counts  leakgateCounts
	members map[uint64]bool // ids
}

// leakgateShown is where a suspect was when the profile was read.
type leakgateShown struct {
	g     *leakgateSuspect
	id    uint64
	block *leakgateBlockText
	plain bool // the counts of its stack leave no choice
}

// leakgateAsked are the suspects of one stack.
type leakgateAsked struct {
	key     string
	members []*leakgateSuspect
	open    bool // the label of one of them is not known
}

// The settled end is looked at so often, and for so long, because something moved meanwhile.
const (
	leakgateProfileTries = 10
	leakgateProfileTime  = 200 * time.Millisecond
)

// readSettled reads the profile for what is left at the end, unless headers have shown all labels. What equal goroutines
// share is right in sum only, so that none of these goroutines may have moved.
func (s *leakgateState) readSettled() {
	r := &s.readings
	start := time.Now()
	for try := 0; try < leakgateProfileTries && time.Since(start) < leakgateProfileTime && !s.life.canaryLabel; try++ {
		// Let them run who can: all tickers of a process that got no processor for a while have ticked.
		for i := 0; i < 3; i++ {
			runtime.Gosched()
		}
		if !s.readProfile(true) {
			return
		}
		s.dump()
		again := r.misfit || r.moved
		for _, g := range s.life.pending {
			again = again || !g.profiled
		}
		if !again {
			return
		}
	}
}

// readProfile reads the labelled profile for the suspects whose label is not known. It returns whether there was any.
func (s *leakgateState) readProfile(ended bool) bool {
	if s.labels == nil {
		return false
	}
	asked := s.life.asked(ended)
	if len(asked) == 0 {
		return false
	}
	var buf bytes.Buffer
	if err := s.labels.LeakgateProfile(&buf); err != nil {
		return false
	}
	s.readings.note(asked, leakgateReadProfile(buf.Bytes()), ended)
	return true
}

// asked are the stacks with a suspect whose label is not known. Those with equal stacks whose label is known are in the
// profile's counts too. While tests run, who runs is left out.
func (l *leakgateLife) asked(ended bool) (asked []*leakgateAsked) {
	byKey := map[string]*leakgateAsked{}
	var all []*leakgateAsked
	for _, g := range l.pending {
		g.profiled = true
		key := g.stackKey()
		if !ended && key != g.block.stackKey() {
			continue
		}
		stack := byKey[key]
		if stack == nil {
			stack = &leakgateAsked{key: key}
			byKey[key] = stack
			all = append(all, stack)
		}
		stack.members = append(stack.members, g)
		stack.open = stack.open || g.label == 0 && !g.plain
	}
	for _, stack := range all {
		if stack.open {
			asked = append(asked, stack)
		}
	}
	return asked
}

// note writes one reading down.
func (r *leakgateReadings) note(asked []*leakgateAsked, profile map[string]leakgateCounts, ended bool) {
	r.ended, r.misfit, r.moved, r.shown = ended, false, false, r.shown[:0]
	when := "running"
	if ended {
		when = "ended"
	}
	r.lines.key('a').str(when).end()
	for _, stack := range asked {
		counts := profile[stack.key]
		fits, plain := counts.judge(len(stack.members), ended)
		r.misfit = r.misfit || !fits
		for _, g := range stack.members {
			block, _ := g.shown()
			r.shown = append(r.shown, leakgateShown{g, g.id, block, plain})
		}
		r.put(stack, counts)
	}
}

// judge says whether counts fit so many goroutines of a dump, and whether they leave no choice: there is one label only.
// Other goroutines of the stack, the baseline's, carry none.
func (c leakgateCounts) judge(members int, ended bool) (fits, plain bool) {
	total, labels := 0, 0
	for seq, n := range c {
		total += n
		if seq != 0 {
			labels++
		}
	}
	exact := total-c[0] == members
	return exact || total == members, labels == 1 && total >= members && (exact || !ended && c[0] == 0)
}

// put writes in what a stack differs from the last reading that mentions it.
func (r *leakgateReadings) put(asked *leakgateAsked, counts leakgateCounts) {
	stack := r.stacks[asked.key]
	if stack == nil {
		if r.stacks == nil {
			r.stacks = map[string]*leakgateReadStack{}
		}
		stack = &leakgateReadStack{number: len(r.stacks)}
		r.stacks[asked.key] = stack
	}
	r.lines.key('l').num(int64(stack.number))
	for seq, n := range counts {
		if n != stack.counts[seq] {
			r.lines.count(seq, n)
		}
	}
	for seq := range stack.counts {
		if counts[seq] == 0 {
			r.lines.count(seq, 0)
		}
	}
	r.lines.end()
	members := make(map[uint64]bool, len(asked.members))
	var came, left []uint64
	for _, g := range asked.members {
		members[g.id] = true
		if !stack.members[g.id] {
			came = append(came, g.id)
		}
	}
	for id := range stack.members {
		if !members[id] {
			left = append(left, id)
		}
	}
	stack.counts, stack.members = counts, members
	r.lines.some('i', came)
	r.lines.some('j', left)
}

// dumped writes who is not where the last reading found it, now that a dump was taken after it.
func (r *leakgateReadings) dumped() {
	var moved []uint64
	for _, was := range r.shown {
		// While tests run, one that was caught between two waits may have been anywhere.
		now, _ := was.g.shown()
		if still := was.g.goneBy < 0 && now == was.block && (r.ended || was.g.block == was.block); still {
			was.g.plain = was.g.plain || was.plain
		} else {
			moved = append(moved, was.id)
		}
	}
	r.moved, r.shown = len(moved) > 0, r.shown[:0]
	r.lines.some('m', moved)
}

// count writes by how many goroutines a label is carried.
func (p *leakgatePayload) count(seq uint32, n int) {
	p.num(int64(seq))
	p.out = strconv.AppendInt(append(p.out, ':'), int64(n), 10)
}

// some writes ids, if there are any.
func (p *leakgatePayload) some(key byte, ids []uint64) {
	if len(ids) > 0 {
		p.key(key).ids(ids).end()
	}
}

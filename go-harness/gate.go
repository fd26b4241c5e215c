package harness

import (
	"bytes"
	"runtime"
	"time"
)

// leakgateGate decides when to look at all goroutines while tests run, and what that may cost.
//
// A look stops the world, which serialises goroutines that overlap. So none is taken near a test's end, where tests that
// forget to wait for a goroutine are decided, but when a later test starts, see leakgateQuiet.
type leakgateGate struct {
	mainGoid uint64
	certain  int64 // the last time at which the set of goroutines was known

	// What dumps may cost while tests run.
	spent   int64
	skipped uint64
	perGo   int64 // ns per goroutine of a dump, about

	look  int64 // when to look at pending suspects again
	every int64
}

const (
	// leakgateQuiet is how long no test may have begun or ended before a dump, or before the runtime is asked how many
	// goroutines have been created. Acts of the shim change which goroutine runs first within about 100 µs of a test's
	// end; on a loaded machine that takes longer.
	leakgateQuiet = int64(2 * time.Millisecond)

	leakgateFirstTokens = int64(20 * time.Millisecond)
	leakgateFirstLook   = int64(time.Millisecond)
)

// leakgateGoid reads the calling goroutine's id from `goroutine 7 [running]:`.
func leakgateGoid() uint64 {
	var buf [32]byte
	n := runtime.Stack(buf[:], false)
	const prefix = len("goroutine ")
	if n < prefix {
		return 0
	}
	id, _ := leakgateUint(buf[prefix:n])
	return id
}

// takeBaseline notes what exists before the first test. A dump has the runtime wake a processor that looks for work, which would
// find what the first test starts sooner: so it is taken here, and not when that test begins.
func (s *leakgateState) takeBaseline() {
	created, counted := leakgateCreated(s.census.sample[:])
	s.census.counted = counted
	before := leakgateReading{goroutines: leakgateNumGoroutine(), alone: true, created: created, counted: counted}
	dump := s.dumps.take()
	s.life.baseline = make(map[uint64]leakgateResting, 16)
	for rest := dump; len(rest) > 0; {
		var block []byte
		block, rest = leakgateBlock(rest)
		if head, ok := leakgateHeader(block); ok {
			s.life.baseline[head.id] = leakgateRestingAt(head, block)
		}
	}
	s.noteTruncation("baseline")
	s.census.looked(before, len(s.life.baseline), 0, 0)
	s.gate.price(s.dumps.cost, leakgateNumGoroutine())
	s.gate.certain = s.now()
}

// mayLook is called when a test starts, before its function runs: it looks at all goroutines if they may be others than
// before, it is quiet, and looks may cost that much. r are the counts as of now.
func (s *leakgateState) mayLook(now int64, r leakgateReading, quiet bool) {
	g := &s.gate
	pending := len(s.life.pending) > 0
	same := s.census.same(r)
	if same {
		g.certain = now
	}
	if (same || s.census.extra(r) <= 0) && !(pending && (now >= g.look || s.life.pooled)) {
		return
	}
	if quiet {
		s.lookNow(now)
	}
}

// quiet: no test began or ended just now.
func (s *leakgateState) quiet(now int64) bool {
	return now-s.lastEnd.Load() >= leakgateQuiet && now-s.lastBegin.Load() >= leakgateQuiet
}

// lookNow dumps; while suspects are pending again after 1, 2, 4, … ms, so that a late one's life gets a lower bound.
func (s *leakgateState) lookNow(now int64) {
	g := &s.gate
	cost := g.perGo * int64(leakgateNumGoroutine())
	if !s.affordable(now, cost) {
		g.skipped++
		return
	}
	before := len(s.life.pending)
	s.dump()
	g.spent += s.dumps.cost
	if most := leakgateMostOver * g.perGo * int64(1+leakgateNumGoroutine()); s.dumps.cost > most {
		g.spent += most - s.dumps.cost
	}
	s.readNew(now, cost)
	if g.every == 0 || len(s.life.pending) > before {
		g.every = leakgateFirstLook
	} else {
		g.every *= 2
	}
	g.look = s.now() + g.every
}

// leakgateDear is the most that the first dump is believed to cost per goroutine; 3 to 6 µs is usual.
const leakgateDear = int64(50 * time.Microsecond)

// leakgateMostOver times the usual price is the most that one dump is charged for.
const leakgateMostOver = 4

// price learns what a dump costs. On a loaded machine some take long because the process gets no processor; that is no
// reason to look away from the tests that follow, so that the price falls at once and rises slowly.
func (g *leakgateGate) price(cost int64, goroutines int) {
	slow := leakgateDear
	if g.perGo > 0 {
		slow = g.perGo + g.perGo/4 + 1
	}
	if g.perGo = cost / int64(1+goroutines); g.perGo > slow {
		g.perGo = slow
	}
}

// readNew reads the labelled profile for new suspects, so that the late ones among them are not nameless.
func (s *leakgateState) readNew(now, cost int64) {
	fresh := false
	for _, p := range s.life.pending {
		fresh = fresh || !p.profiled
	}
	if !fresh || !s.affordable(now, cost) {
		return
	}
	s.readProfile(false)
	s.gate.spent += cost // about as dear as a dump
}

// affordable: dumps while tests run may take a share of the run time, and a little more at first.
func (s *leakgateState) affordable(now, cost int64) bool {
	return s.opts.full || s.gate.spent+cost <= leakgateFirstTokens+int64(s.opts.share*float64(now))
}

// dump takes a dump and brings every suspect's life up to date.
func (s *leakgateState) dump() {
	before := s.census.read(leakgateAnyDepth)
	from := s.now()
	dump := s.dumps.take()
	total, tests := s.readDump(dump, from, s.now())
	s.noteTruncation("dump")
	s.gate.price(s.dumps.cost, total)
	others := total - tests
	if s.life.canarySeen {
		others--
	}
	s.census.looked(before, others, len(s.life.pending), tests)
}

// readDump brings every suspect's life up to date from a dump that was taken between two times, which on a loaded machine are far
// apart. Lives follow from what is certain: seen at the first or later, born by the second, gone by the second, and what is not in
// it may have come after the first.
func (s *leakgateState) readDump(dump []byte, from, to int64) (total, tests int) {
	g := &s.gate
	l := &s.life
	l.begin()
	for rest := dump; len(rest) > 0; {
		var block []byte
		block, rest = leakgateBlock(rest)
		head, ok := leakgateHeader(block)
		if !ok {
			continue
		}
		total++
		if worker, ok := l.baseline[head.id]; ok && !s.testGoids[head.id] {
			if s.end.closed && head.id != g.mainGoid { // the main goroutine runs the root of all tests
				l.baseline[head.id] = l.watch(worker, head, block, from)
			}
			continue
		}
		if !s.end.unended && (s.testGoids[head.id] || leakgateRunsTest(block)) {
			tests++
			continue
		}
		l.see(head, block, from, to, g.certain)
	}
	l.sweep(to)
	s.readings.dumped()
	g.certain = from
	return total, tests
}

// leakgateRunsTest: package testing started it to run a test. Its outermost frame tells; further in, a goroutine of the
// user's may run a benchmark or wait for a subtest, and an ancestor (GODEBUG=tracebackancestors) often ran a test.
func leakgateRunsTest(block []byte) bool {
	if i := bytes.Index(block, []byte("\n[originating from goroutine ")); i >= 0 {
		block = block[:i]
	}
	if i := bytes.LastIndex(block, []byte("\ncreated by ")); i >= 0 {
		block = block[:i]
	}
	// The last two lines are a function and its place.
	place := bytes.LastIndex(block, []byte("\n\t"))
	if place < 0 {
		return false
	}
	outermost := block[bytes.LastIndexByte(block[:place], '\n')+1 : place]
	for _, runner := range []string{"testing.tRunner(", "testing.fRunner(", "testing.(*B).launch(", "testing.(*B).run1.func"} {
		if bytes.HasPrefix(outermost, []byte(runner)) {
			return true
		}
	}
	return false
}

func (s *leakgateState) noteTruncation(where string) {
	if s.dumps.truncated {
		s.limits = append(s.limits, where+" longer than the largest buffer")
	}
}

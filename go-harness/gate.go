package harness

import (
	"bytes"
	"runtime"
	"runtime/metrics"
	"time"
)

// leakgateGate decides, in O(1), whether goroutines may have been started since the set was last known.
type leakgateGate struct {
	started  bool
	mainGoid uint64
	lastNow  int64
	certain  int64 // the last time at which the set of goroutines was known

	// Go ≥ 1.26 counts goroutines created; begun is how many of them had been started for tests.
	sample  []metrics.Sample
	created uint64
	counted bool
	begun   uint64
	exact   bool // every test's goroutine that had been created then had begun

	others int // goroutines at the last dump that were not tests' own
	// One of the baseline was on its way at the last dump: what it does may be what a test has just asked of it.
	stirring bool
	fewer    int // boundaries in a row at which there were fewer

	// What dumps may cost while tests run.
	spent   int64
	skipped uint64
	perGo   int64 // ns per goroutine of a dump, about

	look  int64 // when to look at pending suspects again
	every int64
}

const (
	leakgateMetric      = "/sched/goroutines-created:goroutines"
	leakgateFirstTokens = int64(50 * time.Millisecond)
	leakgateFirstLook   = int64(time.Millisecond)
)

func leakgateNumGoroutine() int { return runtime.NumGoroutine() }

// leakgateGoid reads the calling goroutine's id from `goroutine 7 [running]:`.
func leakgateGoid() uint64 {
	var buf [48]byte
	n := runtime.Stack(buf[:], false)
	const prefix = len("goroutine ")
	if n < prefix {
		return 0
	}
	id, _ := leakgateUint(buf[prefix:n])
	return id
}

// readCreated counts goroutines created since the start of the process; ok is false where Go does not say (≤ 1.25).
func (g *leakgateGate) readCreated() (n uint64, ok bool) {
	if g.sample == nil {
		g.sample = []metrics.Sample{{Name: leakgateMetric}}
	}
	metrics.Read(g.sample)
	if g.sample[0].Value.Kind() != metrics.KindUint64 {
		return 0, false
	}
	return g.sample[0].Value.Uint64(), true
}

// takeBaseline notes what existed before the first test, whose goroutine is self.
func (s *leakgateState) takeBaseline(self uint64) {
	dump := s.dumps.take()
	s.life.baseline = make(map[uint64]bool, 16)
	for rest := dump; len(rest) > 0; {
		var block []byte
		block, rest = leakgateBlock(rest)
		if head, ok := leakgateHeader(block); ok && (head.id != self || self == s.gate.mainGoid) {
			s.life.baseline[head.id] = true
		}
	}
	s.noteTruncation("baseline")
	s.gate.others = len(s.life.baseline)
	s.gate.price(s.dumps.cost, leakgateNumGoroutine())
	s.gate.certain = s.now()
	s.gate.created, s.gate.counted = s.gate.readCreated()
	s.gate.exact = true
	if self != s.gate.mainGoid {
		s.gate.created-- // the first test's own goroutine is counted in startSpan
	}
}

// boundary is the check after a test, on the test's goroutine; created counts goroutines as of now.
func (s *leakgateState) boundary(span *leakgateSpan, created uint64) {
	g := &s.gate
	now := span.end
	alone := s.alone(span.name)
	if g.counted && g.exact && alone && created-g.created == s.begun-g.begun {
		g.certain = now
		s.lookAgain(now)
		return
	}
	if leakgateNumGoroutine() <= g.others+s.live {
		// Something ran and is gone; the runtime's own goroutines are counted as created too.
		if s.quiet(now) {
			g.created, g.begun, g.exact = created, s.begun, alone
		}
		s.lookAgain(now)
		return
	}
	if alone {
		s.yield()
	}
	if leakgateNumGoroutine() <= g.others+s.live {
		s.quiet(now)
		s.lookAgain(now)
		return
	}
	s.lookNow(now)
}

// quiet: there are no more goroutines than before. It tells whether they are the same; with suspects pending one may have gone
// while another came.
func (s *leakgateState) quiet(now int64) bool {
	g := &s.gate
	n := leakgateNumGoroutine() - s.live
	switch {
	case n >= g.others:
		g.fewer = 0
		if len(s.life.pending) == 0 {
			g.certain = now
			return true
		}
	case g.fewer < 3:
		// NumGoroutine is a little too low now and then, while goroutines end.
		g.fewer++
	default:
		g.others, g.fewer = n, 0
	}
	return false
}

// yield lets goroutines finish that are exiting just now, when no other test would be held up.
func (s *leakgateState) yield() {
	start := time.Now()
	for i := 0; i < 10 && leakgateNumGoroutine() > s.gate.others+s.live && time.Since(start) < 100*time.Microsecond; i++ {
		runtime.Gosched()
	}
}

// lookAgain dumps while suspects are pending, at 1, 2, 4, … ms, so that a late one's life gets a lower bound.
func (s *leakgateState) lookAgain(now int64) {
	if len(s.life.pending) > 0 && now >= s.gate.look {
		s.lookNow(now)
	}
}

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
	s.labelNew(now, cost)
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

// labelNew asks the labelled profile for the tests of new suspects, so that the late ones among them are not nameless.
func (s *leakgateState) labelNew(now, cost int64) {
	fresh := false
	for _, p := range s.life.pending {
		fresh = fresh || p.seq == 0 && !p.profiled
	}
	if !fresh || !s.affordable(now, cost) {
		return
	}
	s.labelFromProfile(false)
	s.gate.spent += cost // about as dear as a dump
}

// affordable: dumps while tests run may take a share of the run time, and a little more at first.
func (s *leakgateState) affordable(now, cost int64) bool {
	return s.opts.full || s.gate.spent+cost <= leakgateFirstTokens+int64(s.opts.share*float64(now))
}

// dump takes a dump and brings every suspect's life up to date.
func (s *leakgateState) dump() {
	g := &s.gate
	// Before the dump: what starts meanwhile is then counted as created since.
	created, counted := g.readCreated()
	from := s.now()
	dump := s.dumps.take()
	total, tests := s.readDump(dump, from, s.now())
	s.noteTruncation("dump")
	g.price(s.dumps.cost, total)
	g.created, g.counted, g.begun, g.exact = created, counted, s.begun, tests == s.live
}

// readDump brings every suspect's life up to date from a dump that was taken between two times, which on a loaded machine are far
// apart. Lives are told by what is certain: seen at the first or later, born by the second, gone by the second, and what is not in
// it may have come after the first.
func (s *leakgateState) readDump(dump []byte, from, to int64) (total, tests int) {
	g := &s.gate
	l := &s.life
	l.round++
	l.canarySeen, g.stirring = false, false
	for rest := dump; len(rest) > 0; {
		var block []byte
		block, rest = leakgateBlock(rest)
		head, ok := leakgateHeader(block)
		if !ok {
			continue
		}
		total++
		if l.baseline[head.id] && !s.testGoids[head.id] {
			reason, _ := leakgateReason(head.state)
			g.stirring = g.stirring || head.id != g.mainGoid && leakgateBusy(reason)
			continue // the main goroutine among them, which runs the root of all tests
		}
		if !s.end.unended && (s.testGoids[head.id] || leakgateRunsTest(block)) {
			tests++
			continue
		}
		l.see(head, block, from, to, g.certain)
	}
	l.sweep(to)
	g.others = total - tests
	if l.canarySeen {
		g.others--
	}
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

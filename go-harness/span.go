package harness

import "sync/atomic"

// leakgateSpan is one run of a test on one goroutine.
type leakgateSpan struct {
	seq        uint32
	kind       string
	name       string
	goid       uint64
	start, end int64 // end is -1 while it runs
	// When it waited in t.Parallel for its turn: 0 if it did not, -1 while it does.
	paused, resumed atomic.Int64

	outermost bool // not the bubble of a test that runs already
	counted   bool // its goroutine is in the census
	depth     int  // it and those that it is a subtest of
	begin     leakgateReading
	label     uintptr // what its goroutine carries

	// Written when it ends, and taken in by the next who holds the lock.
	note struct {
		at   int64
		goid uint64
		leakgateReading
		next *leakgateSpan
	}
}

// startSpan notes that a test begins.
func (s *leakgateState) startSpan(kind, name string) *leakgateSpan {
	span := &leakgateSpan{kind: kind, name: name, end: -1}
	s.beginSpan(span)
	if s.labels != nil {
		span.label = s.labels.LeakgateLabel(span.seq, name)
	}
	return span
}

func (s *leakgateState) beginSpan(span *leakgateSpan) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.gate.started {
		s.firstTest(leakgateGoid())
	}
	at := s.now()
	depth := s.depth(span.name)
	now := s.census.glance(depth - 1)
	if s.quiet(at) {
		s.census.count(&now)
	}
	if span.isTest() {
		now.created-- // its own goroutine has not begun yet
	}
	s.takeIn(now)
	outer := s.running[span.name]
	s.spans = append(s.spans, span)
	s.enter(span)
	if outer != nil {
		// synctest.Test runs the test's function under the same name in a bubble. Nothing here may block or start
		// anything there, and the clock is not to be believed.
		span.seq, span.start = outer.seq, at
		return
	}
	span.outermost, span.depth = true, depth
	span.start = at
	span.seq = s.nextSeq(span.kind, span.name)
	s.running[span.name] = span
	span.begin = s.census.glance(depth)
	span.begin.createdBy(now)
	s.mayLook(at, span.begin)
	s.lastBegin = at
}

func (t *leakgateSpan) isTest() bool { return t.kind == "test" || t.kind == "fuzz" }

// enter counts the goroutine that runs the span. That of a test is one of its own; benchmarks run several spans on one, and
// examples run on the main one.
func (s *leakgateState) enter(span *leakgateSpan) {
	if span.isTest() {
		span.counted = true
		s.census.begin(true)
		return
	}
	fresh := s.runsTest(span, leakgateGoid())
	if span.counted = span.goid != s.gate.mainGoid; span.counted {
		s.census.begin(fresh)
	}
}

// runsTest notes which goroutine runs the test: the parent of all that it starts.
func (s *leakgateState) runsTest(span *leakgateSpan, goid uint64) (fresh bool) {
	span.goid = goid
	if goid == s.gate.mainGoid || s.testGoids[goid] {
		return false
	}
	s.testGoids[goid] = true
	s.life.isTest(goid)
	return true
}

// depth counts the test and those running that it is a subtest of.
func (s *leakgateState) depth(name string) int {
	depth := 1
	for i := 0; i < len(name); i++ {
		if name[i] != '/' {
			continue
		}
		if s.running[name[:i]] != nil { // names of subtests may have slashes of their own
			depth++
		}
	}
	return depth
}

// endSpan leaves a note that the test has ended, and does nothing else: what happens now, on this goroutine and to those that
// the test has left, is to happen as it would without the shim. It takes no lock, looks at no other goroutine, and does not yield.
func (s *leakgateState) endSpan(span *leakgateSpan) {
	defer s.guard("after")
	if leakgateCurrent.Load() != s {
		return // M.Run is over
	}
	note := &span.note
	if span.outermost {
		note.at = s.now()
		note.leakgateReading = s.census.glance(span.depth)
		// Reading a goroutine's id takes some µs, in which what the test has left runs on.
		if span.goid == 0 && !s.labelTells(span) && s.census.mayHaveLeft(note.leakgateReading) {
			note.goid = leakgateGoid()
		}
		s.lastEnd.Store(note.at)
	} else {
		note.at = s.lastNow.Load()
		note.goid = leakgateGoid()
	}
	if span.counted {
		s.census.end()
	}
	for {
		note.next = s.ended.Load()
		if s.ended.CompareAndSwap(note.next, span) {
			return
		}
	}
}

// labelTells: dumps show the labels of what the test has started (Go ≥ 1.26), and its own is still ours, so that no id is
// needed to know whose that is.
func (s *leakgateState) labelTells(span *leakgateSpan) bool {
	return s.labels != nil && s.census.counted && s.labels.LeakgateCarried() == span.label
}

// takeIn reads the notes of the tests that have ended since, in the order in which they did.
//
// now are the counts as of now: they say what had been created when those tests ended, or more.
func (s *leakgateState) takeIn(now leakgateReading) {
	var first *leakgateSpan
	for span := s.ended.Swap(nil); span != nil; {
		next := span.note.next
		span.note.next = first
		first, span = span, next
	}
	for span := first; span != nil; span = span.note.next {
		note := &span.note
		span.end = note.at
		note.createdBy(now)
		if note.goid != 0 {
			s.runsTest(span, note.goid)
		}
		if !span.outermost {
			continue
		}
		delete(s.running, span.name)
		s.sample(note.at, note.goroutines)
		if note.at > s.gate.certain && s.census.same(note.leakgateReading) {
			s.gate.certain = note.at
		}
	}
}

func (s *leakgateState) nextSeq(kind, name string) uint32 {
	if kind == "benchmark" {
		if seq, ok := s.benches[name]; ok {
			return seq
		}
		s.benches[name] = s.seq + 1
	}
	s.seq++
	return s.seq
}

// leakgateParallel is called when a test says that it is parallel; what it returns is called when it has its turn.
func leakgateParallel(name string) (resume func()) {
	s := leakgateCurrent.Load()
	if s == nil {
		return func() {}
	}
	span := s.pause(name)
	return func() { s.resume(span) }
}

// pause gives back nil for a test that is not known.
func (s *leakgateState) pause(name string) *leakgateSpan {
	defer s.guard("pause")
	s.mu.Lock()
	defer s.mu.Unlock()
	span := s.running[name]
	if span != nil {
		span.resumed.Store(-1)
		span.paused.Store(s.now())
		s.census.pause()
	}
	return span
}

// resume takes no lock: many parallel tests may go on at once.
func (s *leakgateState) resume(span *leakgateSpan) {
	defer s.guard("resume")
	if span != nil && leakgateCurrent.Load() == s {
		span.resumed.Store(s.now())
		s.census.resume()
	}
}

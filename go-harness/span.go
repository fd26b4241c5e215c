package harness

import "sync/atomic"

// leakgateSpan is one run of a test on one goroutine: what is kept of it, and written down. A suite has many thousands.
type leakgateSpan struct {
	seq        uint32
	kind       string
	name       string
	goid       uint64
	start, end int64 // end is -1 while it runs
	// When it waited in t.Parallel for its turn: 0 if it did not, -1 while it does.
	paused, resumed atomic.Int64

	outermost bool // not the bubble of a test that runs already
	growth    leakgateGrowth
}

// leakgateGrowth is by how many goroutines besides tests' own a test changed their number, and how many it started: known of
// those beside which no other test ran.
type leakgateGrowth struct {
	known         bool
	grew, started int32 // started is -1 where Go does not count
}

// leakgateOngoing is what is needed of a span until its end has been taken in. It is used again then: memory that the shim
// takes for each test is collected while tests run.
type leakgateOngoing struct {
	*leakgateSpan
	counted bool // its goroutine is in the census
	depth   int  // it and those that it is a subtest of
	begin   leakgateReading
	label   uintptr // what its goroutine carries
	done    func()  // endSpan of it

	// Written when it ends, and taken in by the next who holds the lock.
	note struct {
		at   int64
		goid uint64
		leakgateReading
		next *leakgateOngoing
	}
}

// startSpan notes that a test begins; what it returns is called at its end.
func (s *leakgateState) startSpan(kind, name string) (done func()) {
	run := s.beginSpan(kind, name)
	if s.labels != nil {
		run.label = s.labels.LeakgateLabel(run.seq, name)
	}
	return run.done
}

// newSpan is under the lock.
func (s *leakgateState) newSpan(kind, name string) *leakgateOngoing {
	run := s.spare
	if run != nil {
		s.spare = run.note.next
		*run = leakgateOngoing{done: run.done}
	} else {
		run = &leakgateOngoing{}
		run.done = func() { s.endSpan(run) }
	}
	if len(s.room) == 0 {
		s.room = make([]leakgateSpan, 64)
	}
	run.leakgateSpan, s.room = &s.room[0], s.room[1:]
	run.kind, run.name, run.end = kind, name, -1
	s.spans = append(s.spans, run.leakgateSpan)
	return run
}

func (s *leakgateState) beginSpan(kind, name string) *leakgateOngoing {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.gate.started {
		s.firstTest(leakgateGoid())
	}
	depth := s.depth(name)
	now := s.census.read(depth - 1)
	span := s.newSpan(kind, name)
	if span.isTest() {
		now.created-- // its own goroutine has not begun yet
	}
	s.takeIn(now)
	outer := s.running[name]
	s.enter(span)
	if outer != nil {
		// synctest.Test runs the test's function under the same name in a bubble. Nothing here may block or start
		// anything there, and the clock is not to be believed.
		span.seq, span.start = outer.seq, s.lastNow.Load()
		return span
	}
	span.outermost, span.depth = true, depth
	span.start = s.now()
	span.seq = s.nextSeq(kind, name)
	s.running[name] = span.leakgateSpan
	span.begin = s.census.glance(depth)
	span.begin.createdBy(now)
	s.mayLook(span.start, span.begin)
	return span
}

func (t *leakgateSpan) isTest() bool { return t.kind == "test" || t.kind == "fuzz" }

// enter counts the goroutine that runs the span. That of a test is one of its own; benchmarks run several spans on one, and
// examples run on the main one.
func (s *leakgateState) enter(span *leakgateOngoing) {
	if span.isTest() {
		span.counted = true
		s.census.begin(true)
		return
	}
	fresh := s.runsTest(span.leakgateSpan, leakgateGoid())
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
func (s *leakgateState) endSpan(span *leakgateOngoing) {
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
func (s *leakgateState) labelTells(span *leakgateOngoing) bool {
	return s.labels != nil && s.census.counted && s.labels.LeakgateCarried() == span.label
}

// takeIn reads the notes of the tests that have ended since, in the order in which they did.
//
// now are the counts as of now: they say what had been created when those tests ended, or more.
func (s *leakgateState) takeIn(now leakgateReading) {
	var first *leakgateOngoing
	for span := s.ended.Swap(nil); span != nil; {
		next := span.note.next
		span.note.next = first
		first, span = span, next
	}
	for first != nil {
		span := first
		first = span.note.next
		s.takeInOne(span, now)
		span.note.next, s.spare = s.spare, span
	}
}

func (s *leakgateState) takeInOne(span *leakgateOngoing, now leakgateReading) {
	note := &span.note
	span.end = note.at
	note.createdBy(now)
	if note.goid != 0 {
		s.runsTest(span.leakgateSpan, note.goid)
	}
	if !span.outermost {
		return
	}
	span.growth = span.begin.until(note.leakgateReading)
	delete(s.running, span.name)
	s.sample(note.at, note.goroutines)
	if note.at > s.gate.certain && s.census.same(note.leakgateReading) {
		s.gate.certain = note.at
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

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

	outermost bool    // not the bubble of a test that runs already
	counted   bool    // its goroutine is in the census
	depth     int     // it and those that it is a subtest of
	label     uintptr // what its goroutine carries

	began, ended leakgateNote
}

// leakgateNote is what a test writes down when it begins or ends, to be taken in by the next who holds the lock.
type leakgateNote struct {
	span *leakgateSpan
	at   int64
	goid uint64
	leakgateReading
	next *leakgateNote
}

// startSpan notes that a test begins; depth counts it and those that it is a subtest of, nested says that a test of its name
// runs already.
//
// Where a test has begun or ended just now it leaves a note and does nothing else, as endSpan does: what that one has left is to
// have no more time until this one's function runs than it would have without the shim.
func (s *leakgateState) startSpan(kind, name string, depth int, nested bool) *leakgateSpan {
	span := &leakgateSpan{kind: kind, name: name, depth: depth, start: s.now(), end: -1}
	if nested || !span.isTest() || s.quiet(span.start) {
		s.beginSpan(span, nested)
	} else {
		s.enter(span)
		s.begin(span)
		s.leave(&span.began, span)
	}
	if s.labels != nil {
		span.label = s.labels.LeakgateLabel(span.seq, name)
	}
	return span
}

func (s *leakgateState) beginSpan(span *leakgateSpan, nested bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if nested && s.beginNested(span) {
		return
	}
	quiet := s.quiet(span.start)
	s.enter(span)
	s.begin(span)
	if quiet {
		s.census.count(&span.began.leakgateReading)
	}
	s.takeIn(span.began.leakgateReading)
	s.hasBegun(span)
	s.mayLook(span.start, span.began.leakgateReading, quiet)
}

// beginNested: synctest.Test runs the test's function under the same name in a bubble. Nothing here may block or start anything
// there, and the clock is not to be believed.
func (s *leakgateState) beginNested(span *leakgateSpan) bool {
	s.takeIn(leakgateReading{})
	outer := s.running[span.name]
	if outer == nil {
		return false
	}
	s.enter(span)
	span.seq = outer.seq
	s.spans = append(s.spans, span)
	return true
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

// begin gives the span its number, and notes the counts.
func (s *leakgateState) begin(span *leakgateSpan) {
	span.outermost = true
	span.seq = s.nextSeq(span.kind, span.name)
	span.began.at, span.began.leakgateReading = span.start, s.census.glance(span.depth)
	s.lastBegin.Store(span.start)
}

func (s *leakgateState) hasBegun(span *leakgateSpan) {
	s.spans = append(s.spans, span)
	s.running[span.name] = span
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

// endSpan leaves a note that the test has ended, and does nothing else: what happens now, on this goroutine and to those that
// the test has left, is to happen as it would without the shim. It takes no lock, looks at no other goroutine, and does not yield.
func (s *leakgateState) endSpan(span *leakgateSpan) {
	defer s.guard("after")
	if leakgateCurrent.Load() != s {
		return // M.Run is over
	}
	note := &span.ended
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
	s.leave(note, span)
}

func (s *leakgateState) leave(note *leakgateNote, span *leakgateSpan) {
	note.span = span
	for {
		note.next = s.notes.Load()
		if s.notes.CompareAndSwap(note.next, note) {
			return
		}
	}
}

// labelTells: dumps show the labels of what the test has started (Go ≥ 1.26), and its own is still ours, so that no id is
// needed to know whose that is.
func (s *leakgateState) labelTells(span *leakgateSpan) bool {
	return s.labels != nil && s.census.counted && s.labels.LeakgateCarried() == span.label
}

// takeIn reads the notes of the tests that have begun and ended since, in the order in which they did.
//
// now are the counts as of now: they say what had been created when the last of those tests ended, or more.
func (s *leakgateState) takeIn(now leakgateReading) {
	var first *leakgateNote
	for note := s.notes.Swap(nil); note != nil; {
		next := note.next
		note.next = first
		first, note = note, next
	}
	for note := first; note != nil; note = note.next {
		if note.next == nil {
			note.createdBy(now)
		}
		if span := note.span; note == &span.began {
			s.hasBegun(span)
		} else if s.hasEnded(span); !span.outermost {
			continue
		}
		if note.at > s.gate.certain && s.census.same(note.leakgateReading) {
			s.gate.certain = note.at
		}
	}
}

func (s *leakgateState) hasEnded(span *leakgateSpan) {
	note := &span.ended
	span.end = note.at
	if note.goid != 0 {
		s.runsTest(span, note.goid)
	}
	if span.outermost {
		delete(s.running, span.name)
		s.sample(note.at, note.goroutines)
	}
}

func (s *leakgateState) nextSeq(kind, name string) uint32 {
	if kind != "benchmark" {
		return s.seq.Add(1)
	}
	seq, ok := s.benches[name]
	if !ok {
		seq = s.seq.Add(1)
		s.benches[name] = seq
	}
	return seq
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
	s.takeIn(leakgateReading{})
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

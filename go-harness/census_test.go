package harness

import "testing"

// A census that knows of one goroutine beside tests' own since a look at which one test ran: 10 goroutines had been created, and
// the test's had begun.
func censusOfOne() *leakgateCensus {
	c := &leakgateCensus{counted: true}
	c.begin(true)
	c.looked(leakgateReading{live: 1, begun: 1, created: 10, alone: true, counted: true}, 1, 0, 1)
	return c
}

func TestGoroutinesAreTheSameAsLongAsOnlyTestsWereCreated(t *testing.T) {
	for name, c := range map[string]struct {
		r    leakgateReading
		same bool
	}{
		"nothing was created":                  {leakgateReading{goroutines: 2, live: 1, begun: 1, created: 10, alone: true, counted: true}, true},
		"two tests began":                      {leakgateReading{goroutines: 2, live: 1, begun: 3, created: 12, alone: true, counted: true}, true},
		"one more was created, and stayed":     {leakgateReading{goroutines: 3, live: 1, begun: 1, created: 11, alone: true, counted: true}, false},
		"one was created, and is gone":         {leakgateReading{goroutines: 2, live: 1, begun: 1, created: 11, alone: true, counted: true}, true},
		"beside others no count is exact":      {leakgateReading{goroutines: 4, live: 2, begun: 2}, false},
		"beside others, as many as were there": {leakgateReading{goroutines: 3, live: 2, begun: 2}, true},
		"fewer than there were":                {leakgateReading{goroutines: 1, live: 1, begun: 1, created: 11, alone: true, counted: true}, false},
	} {
		if censusOfOne().same(c.r) != c.same {
			t.Errorf("%s: not %v", name, c.same)
		}
	}
}

// One that had been seen has ended, and a new one hides behind its number.
func TestAsManyGoroutinesAreNotTheSameWhileSuspectsArePending(t *testing.T) {
	c := censusOfOne()
	c.pending.Store(1)
	r := leakgateReading{goroutines: 2, live: 1, begun: 1, created: 11, alone: true, counted: true}
	if c.same(r) || c.same(r) {
		t.Error("the same")
	}
}

func TestWhatEndedBeforeALookSaysNothingOfThoseCreatedAfterIt(t *testing.T) {
	c := censusOfOne()
	r := leakgateReading{goroutines: 2, live: 1, begun: 1, created: 11, alone: true, counted: true}
	if !c.same(r) {
		t.Error("as many, and none pending: the same")
	}
	if r.goroutines = 3; !c.nothingCreated(r) {
		t.Error("counted from where they were known last")
	}
}

func TestFewerGoroutinesAreBelievedWhenSeenSeveralTimes(t *testing.T) {
	c := censusOfOne()
	r := leakgateReading{goroutines: 1, live: 1, begun: 2}
	for i := 0; i < 3; i++ {
		if c.same(r); c.extra(r) != -1 {
			t.Fatalf("after %d readings %d", i, c.extra(r))
		}
	}
	if c.same(r); c.extra(r) != 0 {
		t.Errorf("%d", c.extra(r))
	}
}

func TestALookIsExactWhenAllTestsHadBegun(t *testing.T) {
	c := censusOfOne()
	c.begin(true)
	r := leakgateReading{goroutines: 3, live: 2, begun: 2, created: 11, alone: true, counted: true}
	c.looked(r, 1, 0, 3) // one more runs a test than had begun
	if c.nothingCreated(r) {
		t.Error("a test that had not begun was not missed")
	}
	c.looked(r, 1, 0, 2)
	if !c.nothingCreated(r) {
		t.Error("all had begun")
	}
}

func TestWhetherATestMayHaveLeftSomething(t *testing.T) {
	for name, c := range map[string]struct {
		end     leakgateReading
		pending int64
		left    bool
	}{
		"none more":                         {leakgateReading{goroutines: 2, live: 1, begun: 1, alone: true, counted: true}, 0, false},
		"one more":                          {leakgateReading{goroutines: 3, live: 1, begun: 1, alone: true, counted: true}, 0, true},
		"one may hide":                      {leakgateReading{goroutines: 2, live: 1, begun: 1, alone: true, counted: true}, 1, true},
		"beside another, none more":         {leakgateReading{goroutines: 3, live: 2, begun: 2}, 0, false},
		"beside another that has not begun": {leakgateReading{goroutines: 4, live: 2, begun: 2}, 0, true},
	} {
		census := censusOfOne()
		census.pending.Store(c.pending)
		if census.mayHaveLeft(c.end) != c.left {
			t.Errorf("%s: not %v", name, c.left)
		}
	}
}

// What a test's end leaves out, the next reading fills in, with what began since taken off.
func TestALaterReadingSaysWhatHadBeenCreated(t *testing.T) {
	r := leakgateReading{begun: 3, alone: true}
	r.createdBy(leakgateReading{begun: 5, created: 20, alone: true, counted: true})
	if !r.counted || r.created != 18 {
		t.Errorf("%+v", r)
	}
	for _, unknown := range []leakgateReading{{begun: 3}, {begun: 3, alone: true}} {
		later := leakgateReading{begun: 5, created: 20, counted: !unknown.alone}
		if unknown.createdBy(later); unknown.counted || unknown.created != 0 {
			t.Errorf("%+v", unknown)
		}
	}
}

func TestTestsThatRunAreCounted(t *testing.T) {
	var c leakgateCensus
	c.begin(true)
	c.begin(false) // a benchmark's next span, on the same goroutine
	if r := c.glance(1); r.live != 2 || r.begun != 1 || r.alone {
		t.Errorf("%+v", r)
	}
	c.end()
	if r := c.glance(1); r.live != 1 || r.begun != 1 || !r.alone {
		t.Errorf("%+v", r)
	}
	c.begin(true)
	c.pause()
	if r := c.glance(1); r.live != 2 || !r.alone {
		t.Errorf("one waits in t.Parallel: %+v", r)
	}
	c.resume()
	if r := c.glance(1); r.alone || r.turns != 1 {
		t.Errorf("it has its turn: %+v", r)
	}
}

package harness

import (
	"runtime"
	"runtime/metrics"
	"sync/atomic"
)

// leakgateCensus counts goroutines: from counts alone it says whether the set of goroutines can have changed since the last
// look at all of them.
//
// The begin and the end of a test change and read only what is atomic, so that they never wait. The rest changes under the
// state's lock.
type leakgateCensus struct {
	live  atomic.Int64  // goroutines of tests that run
	begun atomic.Uint64 // goroutines that package testing started for tests and that have begun
	// Those of live that wait in t.Parallel for their turn, and how many have had theirs.
	paused atomic.Int64
	turns  atomic.Int64

	// What tests read when they begin or end.
	others  atomic.Int64 // goroutines at the last look that were not tests' own
	pending atomic.Int64 // those of them that are not of the baseline
	counted bool         // Go ≥ 1.26 counts goroutines created; known before the first test

	// The last look.
	created uint64
	begunBy uint64
	exact   bool // all tests' goroutines that had been created then had begun
	fewer   int  // readings in a row that had fewer goroutines than others

	sample  [1]metrics.Sample
	onCount func() // for tests
}

// leakgateReading is what the counts were at one time.
type leakgateReading struct {
	goroutines int
	live       int
	begun      uint64
	created    uint64
	counted    bool // created is known
	turns      int64
	// Besides this test only those ran that it is a subtest of: no test's goroutine had been created that had not begun
	// yet, so that created and begun fit together. Beside each other tests start subtests at any time.
	alone bool
}

const leakgateMetric = "/sched/goroutines-created:goroutines"

func leakgateNumGoroutine() int { return runtime.NumGoroutine() }

// leakgateCreated counts goroutines created since the start of the process; ok is false where Go does not count (≤ 1.25).
func leakgateCreated(sample []metrics.Sample) (n uint64, ok bool) {
	sample[0].Name = leakgateMetric
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindUint64 {
		return 0, false
	}
	return sample[0].Value.Uint64(), true
}

// begin counts the goroutine of a test that begins; created says that package testing started it for the test.
func (c *leakgateCensus) begin(created bool) {
	c.live.Add(1)
	if created {
		c.begun.Add(1)
	}
}

func (c *leakgateCensus) end() { c.live.Add(-1) }

// leakgateAnyDepth has the counts read as if no other test ran.
const leakgateAnyDepth = 1 << 30

// glance reads what costs next to nothing, for a test that has depth-1 running parents.
func (c *leakgateCensus) glance(depth int) (r leakgateReading) {
	r.live, r.begun, r.turns = int(c.live.Load()), c.begun.Load(), c.turns.Load()
	r.goroutines = leakgateNumGoroutine()
	r.alone = c.alone(depth)
	return r
}

// read reads all counts, under the lock.
func (c *leakgateCensus) read(depth int) (r leakgateReading) {
	r = c.glance(depth)
	c.count(&r)
	return r
}

// count adds how many goroutines have been created. The runtime takes its scheduler's lock for that: goroutines that are
// about to run are held up.
func (c *leakgateCensus) count(r *leakgateReading) {
	if !r.alone || !c.counted {
		return
	}
	if c.onCount != nil {
		c.onCount()
	}
	r.created, r.counted = leakgateCreated(c.sample[:])
}

// createdBy fills in what a glance left out, as later says: if more goroutines were created since, it is too high.
func (r *leakgateReading) createdBy(later leakgateReading) {
	if r.alone && later.counted {
		r.created, r.counted = later.created-(later.begun-r.begun), true
	}
}

// alone: no test runs but one that has depth-1 running parents, and these.
func (c *leakgateCensus) alone(depth int) bool {
	return int(c.live.Load()-c.paused.Load()) <= depth
}

func (c *leakgateCensus) pause() { c.paused.Add(1) }

func (c *leakgateCensus) resume() {
	c.turns.Add(1)
	c.paused.Add(-1)
}

// extra is how many goroutines there are beyond those of the last look and those of tests.
func (c *leakgateCensus) extra(r leakgateReading) int {
	return r.goroutines - r.live - int(c.others.Load())
}

// looked notes a look at all goroutines: before are the counts as they were before it, so that what starts meanwhile counts
// as created since.
func (c *leakgateCensus) looked(before leakgateReading, others, pending, tests int) {
	c.others.Store(int64(others))
	c.pending.Store(int64(pending))
	c.fewer = 0
	c.created, c.begunBy = before.created, before.begun
	c.exact = tests == before.live
}

// mayHaveLeft says whether a test that ends may have started something that still lives. Fewer than at the last look tell
// nothing: some of those have ended.
func (c *leakgateCensus) mayHaveLeft(end leakgateReading) bool {
	return c.pending.Load() > 0 || c.extra(end) != 0
}

// nothingCreated: since the last look no goroutine was created but those of tests.
func (c *leakgateCensus) nothingCreated(r leakgateReading) bool {
	return r.counted && c.exact && r.alone && r.created-c.created == r.begun-c.begunBy
}

// same says whether the goroutines are those of the last look. With suspects pending, one may have gone while another came.
func (c *leakgateCensus) same(r leakgateReading) bool {
	if c.nothingCreated(r) {
		return true
	}
	extra := c.extra(r)
	switch {
	case extra > 0:
		return false
	case extra == 0:
		c.fewer = 0
		if c.pending.Load() > 0 {
			return false
		}
		if r.alone && r.counted {
			// What was created is gone; the runtime's own goroutines count as created too.
			c.created, c.begunBy, c.exact = r.created, r.begun, true
		}
		return true
	case c.fewer < 3:
		// NumGoroutine is a little too low now and then, while goroutines end.
		c.fewer++
	default:
		c.others.Add(int64(extra))
		c.fewer = 0
	}
	return false
}

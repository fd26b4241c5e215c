// Package harness is the part of leakgate that runs inside a Go test binary.
//
// It captures which goroutines exist around each test and writes that down at the end of M.Run. It never judges, never
// panics out, never changes an exit code, and while tests run it starts no goroutine, prints nothing and does not sleep.
//
// The files of this folder are hosted in package testing: `package harness` becomes `package testing` and nothing else
// changes. So every package-level name is unexported and begins with leakgate, min and max are not used (in Go 1.21 package
// testing has functions of these names), and the imports are limited to what
// package testing may import without a cycle for the standard library's own tests (not runtime/pprof: that is reached
// through _hosted/, which is hosted in testing/internal/testdeps and in runtime/pprof itself).
package harness

import (
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// Captured when package testing initialises, before user code can replace or change any of it.
var (
	leakgateStdout  = os.Stdout
	leakgateOptions = leakgateReadOptions()

	// The run that is under way; nil when the shim is inactive.
	leakgateCurrent atomic.Pointer[leakgateState]
	// What of a process outlives a call of M.Run: number of runs, of records written.
	leakgateRuns    int
	leakgateRecords int
)

const leakgateEnv = "LEAKGATE_SHIM"

// leakgateState is all that is known during one call of M.Run.
type leakgateState struct {
	mu      sync.Mutex
	opts    leakgateSettings
	out     io.Writer
	zero    time.Time // start of M.Run; all times are nanoseconds since then
	run     int
	labels  leakgateLabels                                  // nil: none
	profile func(name string, w io.Writer, debug int) error // nil: no profiles

	seq       atomic.Uint32 // of the test that began last
	spans     []*leakgateSpan
	running   map[string]*leakgateSpan // by name, tests that run, as far as their notes have been taken in: outermost spans
	benches   map[string]uint32        // a benchmark is one test however often runN is called
	testGoids map[uint64]bool          // goroutines known to have run tests

	// What the begin and the end of a test change, without waiting for anybody who holds mu.
	census    leakgateCensus
	notes     atomic.Pointer[leakgateNote] // since takeIn, the last one first
	lastBegin atomic.Int64                 // 0: no test has begun
	lastEnd   atomic.Int64
	lastNow   atomic.Int64

	gate     leakgateGate
	dumps    leakgateDumps
	life     leakgateLife
	readings leakgateReadings
	end      leakgateSettled

	counts     []leakgateCount
	countEvery int64
	limits     []string

	faultsMu sync.Mutex
	faults   []string
}

type leakgateCount struct {
	at int64
	n  int
}

// leakgateRun is called at the start of M.Run; what it returns runs when M.Run ends, after everything else there. deps
// is testing's testDeps, through which runtime/pprof is reached; without it there are no labels and no proof.
func leakgateRun(active bool, deps ...any) func() {
	if !active {
		return func() {}
	}
	s := leakgateBegin(leakgateOptions, leakgateStdout, deps)
	return s.finish
}

// leakgateReady is called when all that M.Run itself starts (profiles, traces) is there, before the first test. go listens by now
// for what the test binary reads, and keys its test cache by that, so that evidence taken under other settings, or under none,
// is not replayed.
func leakgateReady() {
	_ = os.Getenv(leakgateEnv)
	if s := leakgateCurrent.Load(); s != nil {
		s.ready()
	}
}

func leakgateBegin(opts leakgateSettings, out io.Writer, deps []any) *leakgateState {
	leakgateRuns++
	s := &leakgateState{
		opts:      opts,
		out:       out,
		zero:      time.Now(),
		run:       leakgateRuns,
		running:   map[string]*leakgateSpan{},
		benches:   map[string]uint32{},
		testGoids: map[uint64]bool{},
	}
	defer s.guard("begin")
	for _, dep := range deps {
		if d, ok := dep.(leakgateLabels); ok && opts.labels {
			s.labels = d
		}
		if d, ok := dep.(interface {
			WriteProfileTo(string, io.Writer, int) error
		}); ok {
			s.profile = d.WriteProfileTo
		}
	}
	s.life.init()
	s.gate.mainGoid = leakgateGoid()
	s.writeHello()
	leakgateCurrent.Store(s)
	return s
}

// leakgateTest is called on the goroutine of a test, fuzz target or benchmark before its function runs. cleanups is what
// package testing will call at the test's end, last first; T.Cleanup would walk the stack for each test. level is 1 for one
// that is no subtest; nested says that its function is called by a test of the same name.
func leakgateTest(kind, name string, level int, nested bool, cleanups *[]func()) {
	s := leakgateCurrent.Load()
	// The root of all tests has no name, the root of all benchmarks is called Main, and testing.Benchmark's has none.
	if s == nil || name == "" || kind == "benchmark" && name == "Main" {
		return
	}
	defer s.guard("test")
	span := s.startSpan(kind, name, level, nested)
	*cleanups = append(*cleanups, func() { s.endSpan(span) })
}

// leakgateExample is called on the main goroutine before an example runs; what it returns is called after it.
func leakgateExample(name string) func() {
	s := leakgateCurrent.Load()
	if s == nil {
		return func() {}
	}
	defer s.guard("example")
	span := s.startSpan("example", name, 1, false)
	return func() {
		s.unlabel()
		s.endSpan(span)
	}
}

// guard keeps a failure of the shim inside the shim: it is recorded, and makes the evidence inconclusive.
func (s *leakgateState) guard(where string) {
	if r := recover(); r != nil {
		text := "unknown"
		switch r := r.(type) {
		case error:
			text = r.Error()
		case string:
			text = r
		}
		s.faultsMu.Lock()
		defer s.faultsMu.Unlock()
		s.faults = append(s.faults, where+": "+text)
	}
}

func (s *leakgateState) now() int64 {
	ns := int64(time.Since(s.zero))
	// Inside a synctest bubble the clock is a fake one, years away.
	if last := s.lastNow.Load(); ns < last || ns > last+int64(10*365*24*time.Hour) {
		return last
	}
	s.lastNow.Store(ns)
	return ns
}

func (s *leakgateState) ready() {
	defer s.guard("baseline")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.takeBaseline()
}

func (s *leakgateState) unlabel() {
	if s.labels != nil {
		s.labels.LeakgateLabel(0, "")
	}
}

// sample keeps a bounded series of goroutine counts: when it is full, every other one is dropped.
func (s *leakgateState) sample(at int64, n int) {
	const most = 512
	if k := len(s.counts); k > 0 && at-s.counts[k-1].at < s.countEvery {
		return
	}
	if len(s.counts) == most {
		for i := 0; i < most/2; i++ {
			s.counts[i] = s.counts[2*i]
		}
		s.counts = s.counts[:most/2]
		s.countEvery = 2 * (at - s.counts[0].at) / most
	}
	s.counts = append(s.counts, leakgateCount{at, n})
}

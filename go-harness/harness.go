// Package harness is the part of leakgate that runs inside a Go test binary.
//
// It captures which goroutines exist around each test and writes that down at the end of M.Run. It never judges, never
// panics out, never changes an exit code, and while tests run it starts no goroutine, prints nothing and does not sleep.
//
// The files of this folder are hosted in package testing: `package harness` becomes `package testing` and nothing else
// changes. So every package-level name is unexported and begins with leakgate, and the imports are limited to what
// package testing may import without a cycle for the standard library's own tests (not runtime/pprof: that is reached
// through _hosted/, which is hosted in testing/internal/testdeps and in runtime/pprof itself).
package harness

import (
	"io"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
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

	seq       uint32
	spans     []leakgateSpan
	running   map[string]int    // name of a test that runs → index of its outermost span
	benches   map[string]uint32 // a benchmark is one test however often runN is called
	testGoids map[uint64]bool   // goroutines known to have run tests
	live      int               // goroutines of tests that run
	begun     uint64            // goroutines that package testing started for tests

	gate  leakgateGate
	dumps leakgateDumps
	life  leakgateLife
	end   leakgateSettled

	counts     []leakgateCount
	countEvery int64
	faults     []string
	limits     []string
}

// leakgateSpan is one run of a test on one goroutine.
type leakgateSpan struct {
	seq        uint32
	kind       string
	name       string
	goid       uint64
	start, end int64 // end is -1 while it runs
	// When it waited in t.Parallel for its turn: 0 if it did not, -1 while it does.
	paused, resumed int64
	// When it began: goroutines created, and those of them for tests, and whether that says what was started since.
	created, begun uint64
	alone          bool
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

func leakgateBegin(opts leakgateSettings, out io.Writer, deps []any) *leakgateState {
	leakgateRuns++
	s := &leakgateState{
		opts:      opts,
		out:       out,
		zero:      time.Now(),
		run:       leakgateRuns,
		running:   map[string]int{},
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
// package testing will call at the test's end, last first; T.Cleanup would walk the stack for each test.
func leakgateTest(kind, name string, cleanups *[]func()) {
	s := leakgateCurrent.Load()
	// The root of all tests has no name, the root of all benchmarks is called Main, and testing.Benchmark's has none.
	if s == nil || name == "" || kind == "benchmark" && name == "Main" {
		return
	}
	defer s.guard("test")
	index, outermost := s.startSpan(kind, name)
	*cleanups = append(*cleanups, func() { s.endSpan(index, outermost) })
}

// leakgateParallel is called when a test says that it is parallel; what it returns is called when it has its turn.
func leakgateParallel(name string) (resume func()) {
	s := leakgateCurrent.Load()
	if s == nil {
		return func() {}
	}
	index := s.pause(name)
	return func() { s.resume(index) }
}

// pause gives back -1 for a test that is not known.
func (s *leakgateState) pause(name string) (index int) {
	defer s.guard("pause")
	s.mu.Lock()
	defer s.mu.Unlock()
	index, known := s.running[name]
	if !known {
		return -1
	}
	s.spans[index].paused, s.spans[index].resumed = s.now(), -1
	return index
}

func (s *leakgateState) resume(index int) {
	defer s.guard("resume")
	if index < 0 || leakgateCurrent.Load() != s {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.end.closed {
		s.spans[index].resumed = s.now()
	}
}

// leakgateExample is called on the main goroutine before an example runs; what it returns is called after it.
func leakgateExample(name string) func() {
	s := leakgateCurrent.Load()
	if s == nil {
		return func() {}
	}
	defer s.guard("example")
	index, outermost := s.startSpan("example", name)
	return func() {
		s.unlabel()
		s.endSpan(index, outermost)
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
		s.faults = append(s.faults, where+": "+text)
	}
}

func (s *leakgateState) now() int64 {
	ns := int64(time.Since(s.zero))
	// Inside a synctest bubble the clock is a fake one, years away.
	if last := s.gate.lastNow; ns < last || ns > last+int64(10*365*24*time.Hour) {
		return last
	}
	s.gate.lastNow = ns
	return ns
}

func (s *leakgateState) startSpan(kind, name string) (index int, outermost bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	span := leakgateSpan{kind: kind, name: name, end: -1}
	if outer, ok := s.running[name]; ok {
		// synctest.Test runs the test's function under the same name in a bubble. Nothing here may block or start
		// anything there, and the clock is not to be believed.
		span.seq, span.start = s.spans[outer].seq, s.gate.lastNow
	} else {
		outermost = true
		if !s.gate.started {
			s.firstTest(leakgateGoid())
		}
		span.start = s.now()
		span.seq = s.nextSeq(kind, name)
	}
	if kind == "test" || kind == "fuzz" {
		s.begun++
		s.live++
		span.begun, span.alone = s.begun, s.alone(name)
		if s.gate.counted {
			span.created, _ = s.gate.readCreated()
		}
	} else {
		s.enter(&span)
	}
	index = len(s.spans)
	s.spans = append(s.spans, span)
	if outermost {
		s.running[name] = index
	}
	if s.labels != nil {
		s.labels.LeakgateLabel(leakgateLabelValue(span.seq, name))
	}
	return index, outermost
}

// announce notes which goroutine runs the test: the parent of all that it starts. Reading a goroutine's id takes some µs,
// so that it is only done when something was started.
func (s *leakgateState) announce(span *leakgateSpan) (fresh bool) {
	if span.goid = leakgateGoid(); span.goid == s.gate.mainGoid {
		return false
	}
	if _, known := s.testGoids[span.goid]; known {
		return false
	}
	s.testGoids[span.goid] = true
	s.life.isTest(span.goid)
	return true
}

// alone: besides this test only those run that it is a subtest of. Then no test's goroutine has been created that has not
// begun yet, and counts of both are exact; beside each other tests start subtests at any time.
func (s *leakgateState) alone(name string) bool {
	chain := 1
	for i := 0; i < len(name); i++ {
		if name[i] != '/' {
			continue
		}
		if _, runs := s.running[name[:i]]; runs { // names of subtests may have slashes of their own
			chain++
		}
	}
	return s.live <= chain
}

// mayHaveStarted: something was started while the test ran, as far as Go tells.
func (s *leakgateState) mayHaveStarted(span *leakgateSpan, created uint64) bool {
	if s.gate.counted {
		return !span.alone || !s.alone(span.name) || created-span.created != s.begun-span.begun
	}
	return leakgateNumGoroutine() > s.gate.others+s.live || len(s.life.pending) > 0
}

// enter and leave are for benchmarks, which run several spans on a goroutine, and for examples, which run on the main one.
func (s *leakgateState) enter(span *leakgateSpan) {
	if s.announce(span) {
		s.begun++
	}
	if span.goid != s.gate.mainGoid {
		s.live++
	}
}

func (s *leakgateState) leave(span *leakgateSpan) {
	if span.kind == "test" || span.kind == "fuzz" || span.goid != s.gate.mainGoid {
		s.live--
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

func (s *leakgateState) endSpan(index int, outermost bool) {
	defer s.guard("after")
	if leakgateCurrent.Load() != s {
		return // M.Run is over; what settles then must not wait for us
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.end.closed {
		return
	}
	span := &s.spans[index]
	created := uint64(0)
	if s.gate.counted {
		created, _ = s.gate.readCreated()
	}
	if span.goid == 0 && s.mayHaveStarted(span, created) {
		s.announce(span)
	}
	if !outermost {
		span.end = s.gate.lastNow
	} else {
		span.end = s.now()
		s.sample(span.end, leakgateNumGoroutine())
		s.boundary(span, created)
		delete(s.running, span.name)
	}
	s.leave(span)
}

// firstTest takes the baseline, when everything that M.Run itself starts (profiles, traces) is there.
func (s *leakgateState) firstTest(self uint64) {
	s.gate.started = true
	if s.opts.text != "" {
		// go keys its test cache by what is read here: evidence taken under other settings is not replayed.
		_ = os.Getenv(leakgateEnv)
	}
	s.takeBaseline(self)
}

func (s *leakgateState) unlabel() {
	if s.labels != nil {
		s.labels.LeakgateLabel("")
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

// leakgateSettings is LEAKGATE_SHIM, e.g. "settle=400ms,prove=off,labels=off,budget=full".
type leakgateSettings struct {
	text   string
	settle time.Duration
	prove  bool
	labels bool
	full   bool    // dumps are not limited
	share  float64 // of the run time that dumps may take
}

func leakgateReadOptions() leakgateSettings {
	// os.Getenv would be recorded for go's test cache before go listens, and user code may change the environment.
	text, _ := syscall.Getenv(leakgateEnv)
	return leakgateParseOptions(text)
}

func leakgateParseOptions(text string) leakgateSettings {
	o := leakgateSettings{text: text, settle: 400 * time.Millisecond, prove: true, labels: true, share: 0.02}
	for rest := text; rest != ""; {
		var item, key, value string
		item, rest, _ = leakgateCut(rest, ',')
		key, value, _ = leakgateCut(item, '=')
		switch key {
		case "settle":
			if d, err := time.ParseDuration(value); err == nil && d >= 0 {
				o.settle = d
			}
		case "prove":
			o.prove = value != "off"
		case "labels":
			o.labels = value != "off"
		case "budget":
			if value == "full" {
				o.full = true
			} else if n := len(value); n > 1 && value[n-1] == '%' {
				if f, err := strconv.ParseFloat(value[:n-1], 64); err == nil && f >= 0 {
					o.share = f / 100
				}
			}
		}
	}
	return o
}

func leakgateCut(s string, sep byte) (before, after string, found bool) {
	for i := 0; i < len(s); i++ {
		if s[i] == sep {
			return s[:i], s[i+1:], true
		}
	}
	return s, "", false
}

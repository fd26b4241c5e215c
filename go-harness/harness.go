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
	spans     []*leakgateSpan
	running   map[string]*leakgateSpan // by name, tests that run or whose end has not been taken in yet: outermost spans
	benches   map[string]uint32        // a benchmark is one test however often runN is called
	testGoids map[uint64]bool          // goroutines known to have run tests

	// What the end of a test changes, without waiting for anybody who holds mu.
	census  leakgateCensus
	ended   atomic.Pointer[leakgateSpan] // the spans that ended since takeIn
	lastEnd atomic.Int64
	lastNow atomic.Int64

	gate  leakgateGate
	dumps leakgateDumps
	life  leakgateLife
	end   leakgateSettled

	counts     []leakgateCount
	countEvery int64
	limits     []string

	faultsMu sync.Mutex
	faults   []string
}

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

// leakgateListen is called as soon as go listens for what the test binary reads: go keys its test cache by that, so that
// evidence taken under other settings, or under none, is not replayed.
func leakgateListen() { _ = os.Getenv(leakgateEnv) }

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
// package testing will call at the test's end, last first; T.Cleanup would walk the stack for each test.
func leakgateTest(kind, name string, cleanups *[]func()) {
	s := leakgateCurrent.Load()
	// The root of all tests has no name, the root of all benchmarks is called Main, and testing.Benchmark's has none.
	if s == nil || name == "" || kind == "benchmark" && name == "Main" {
		return
	}
	defer s.guard("test")
	span := s.startSpan(kind, name)
	*cleanups = append(*cleanups, func() { s.endSpan(span) })
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

// leakgateExample is called on the main goroutine before an example runs; what it returns is called after it.
func leakgateExample(name string) func() {
	s := leakgateCurrent.Load()
	if s == nil {
		return func() {}
	}
	defer s.guard("example")
	span := s.startSpan("example", name)
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
	depth := s.depth(span.name)
	now := s.census.read(depth - 1)
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
		span.seq, span.start = outer.seq, s.lastNow.Load()
		return
	}
	span.outermost, span.depth = true, depth
	span.start = s.now()
	span.seq = s.nextSeq(span.kind, span.name)
	s.running[span.name] = span
	span.begin = s.census.glance(depth)
	span.begin.createdBy(now)
	s.mayLook(span.start, span.begin)
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

// firstTest takes the baseline, when everything that M.Run itself starts (profiles, traces) is there.
func (s *leakgateState) firstTest(self uint64) {
	s.gate.started = true
	s.takeBaseline(self)
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

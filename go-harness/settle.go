package harness

import (
	"io"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"
)

// leakgateSettled is how the end of M.Run went.
type leakgateSettled struct {
	closed bool
	// Tests that had no end when M.Run ended (`go t.Run`, and the parent did not wait): their goroutines are suspects as
	// all others are.
	unended bool
	waited  int64
	rounds  int
	asked   bool // the leak GC ran
	canary  bool // it was in the final dump
	began   int64
	at      int64
	hide    func() // hides labels again; nil while none are shown
}

const (
	// leakgatePark is for how long the last test has to be over before finish does anything: what it has left runs on
	// meanwhile as it would while TestMain goes on.
	leakgatePark    = 3 * time.Millisecond
	leakgateLongest = 5 * time.Second
	leakgateStable  = 12 * time.Millisecond  // before the leak GC is asked
	leakgateShrunk  = 100 * time.Millisecond // a set that shrank so lately is waited for
)

// leakgateHold keeps what the canary waits on reachable, so that the leak GC does not take the canary for a leak.
var leakgateHold chan struct{}

// finish runs at the end of M.Run.
func (s *leakgateState) finish() {
	defer s.guard("end")
	if leakgateCurrent.Load() != s {
		return
	}
	if left := leakgatePark - time.Duration(s.now()-s.lastEnd.Load()); left > 0 {
		time.Sleep(left)
	}
	leakgateCurrent.Store(nil)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.takeIn(s.census.read(leakgateAnyDepth))
	s.end.closed = true
	s.noteUnended()
	s.settleGuarded()
	s.end.at = s.now()
	s.writeAll()
}

func (s *leakgateState) noteUnended() {
	for _, span := range s.spans {
		s.end.unended = s.end.unended || span.end < 0
	}
	if s.end.unended {
		s.census.live.Store(0)
	}
}

func (s *leakgateState) settleGuarded() {
	defer s.guard("settle")
	if s.life.baseline == nil { // M.Run ended before the first test
		s.takeBaseline()
	}
	before := leakgateNumGoroutine()
	defer func() {
		if s.end.hide != nil {
			s.end.hide()
		}
	}()
	// Showing the labels of thousands of tests takes longer than finding that none has left anything.
	if len(s.life.pending) > 0 || s.census.extra(s.census.read(leakgateAnyDepth)) != 0 {
		s.end.hide = s.showLabels()
		// The memory of dumps would bring a collection on, which walks the stacks of all that is left. Two are run anyway.
		defer debug.SetGCPercent(debug.SetGCPercent(-1))
		s.dumps.again = true
	}
	release := s.startCanary()
	defer func() {
		release()
		for i := 0; i < 100 && leakgateNumGoroutine() > before; i++ {
			runtime.Gosched()
		}
	}()
	start := time.Now()
	s.end.began = s.now()
	taken := s.dumps.taken
	s.settle(start)
	s.readSettled()
	s.end.waited = int64(time.Since(start))
	s.end.rounds = s.dumps.taken - taken
	s.end.canary = s.life.canarySeen
	s.sample(s.now(), leakgateNumGoroutine()-1)
}

// startCanary starts a goroutine that every dump from now on must show.
func (s *leakgateState) startCanary() (release func()) {
	leakgateHold = make(chan struct{})
	ready := make(chan uint64)
	go leakgateCanary(s.labels, ready, leakgateHold)
	s.life.canary = <-ready
	return func() { close(leakgateHold) }
}

func leakgateCanary(labels leakgateLabels, ready chan<- uint64, hold <-chan struct{}) {
	if labels != nil {
		labels.LeakgateLabel(0, leakgateLabelCanary)
	}
	ready <- leakgateGoid()
	<-hold
}

// showLabels has dumps show labels (Go ≥ 1.26) now that no test can be surprised by it, until what it returns is called.
func (s *leakgateState) showLabels() (restore func()) {
	if s.labels == nil || !s.census.counted {
		return func() {}
	}
	s.labels.LeakgateShow(true)
	const name, setting = "GODEBUG", "tracebacklabels=1"
	old, had := syscall.Getenv(name)
	if old != "" {
		os.Setenv(name, old+","+setting)
	} else {
		os.Setenv(name, setting)
	}
	return func() {
		s.labels.LeakgateShow(false)
		if had {
			os.Setenv(name, old)
		} else {
			os.Unsetenv(name)
		}
	}
}

// leakgateAlarm is called when the time of the tests is up, before Go prints all goroutines: labels tell whose they are.
// Whatever hangs may hold a lock, so that nothing here waits.
func leakgateAlarm() {
	s := leakgateCurrent.Load()
	if s == nil || !s.mu.TryLock() {
		return
	}
	defer s.mu.Unlock()
	defer s.guard("alarm")
	s.showLabels()
}

// settle waits only while a suspect may still exit, or a goroutine of the baseline may still start one for a test.
func (s *leakgateState) settle(start time.Time) {
	changed, shrunk, fewest := start, start, math.MaxInt32
	overtime := 0 // dumps taken after the time was up
	collected := false
	var wake time.Time // when those that end by themselves have had the time for it
	for wait := time.Millisecond; ; wait = leakgateNextWait(wait) {
		if s.sameAsBefore() {
			s.life.still(s.now())
		} else {
			changes := s.life.changes
			s.dump()
			if s.end.hide == nil && len(s.life.pending) > 0 {
				s.end.hide = s.showLabels()
				s.dump()
			}
			if s.life.changes != changes {
				changed = time.Now()
			}
			if n := len(s.life.pending); n < fewest {
				if fewest < math.MaxInt32 {
					shrunk = time.Now()
				}
				fewest = n
			}
		}
		spent := time.Since(start)
		atWork := s.life.atWork && spent < s.opts.settle
		if s.allImmovable() && !atWork {
			return
		}
		if time.Since(changed) >= leakgateStable && !atWork && !s.someBusy(1) && s.askForProof() && s.allImmovable() {
			return
		}
		up := spent >= s.opts.settle && !s.someNewborn() && (shrunk == start || time.Since(shrunk) >= leakgateShrunk)
		if late := spent >= leakgateLongest; up || late {
			if overtime++; late || !s.someBusy(overtime) {
				switch {
				case !collected:
					collected, overtime = true, 0
					if s.collect(); s.allImmovable() {
						return
					}
					if d := s.longestEnd(leakgateLongest - time.Since(start)); d > 0 {
						wake = time.Now().Add(d)
					}
				case time.Now().Before(wake) && !late:
					overtime = 0
				default:
					s.lastLook()
					return
				}
			}
		}
		left := s.opts.settle - spent
		if left <= 0 {
			left = time.Until(wake)
		}
		if left > 0 && wait > left {
			wait = left
		}
		time.Sleep(wait)
	}
}

// lastLook is taken unless nothing can have changed since the one before.
func (s *leakgateState) lastLook() {
	if !s.census.counted || !s.sameAsBefore() {
		s.dump()
	}
	s.askForProof()
}

// someNewborn: a goroutine came when all tests had ended already, and has not been watched for as long as those that were
// there before. Who comes later still is not waited for: some start one all the time.
func (s *leakgateState) someNewborn() bool {
	settle := int64(s.opts.settle)
	now := s.now()
	for _, g := range s.life.pending {
		born := g.firstSeen - s.end.began
		if g.absentUntil >= s.end.began && born <= settle && now-g.firstSeen < settle && !g.immovable() {
			return true
		}
	}
	return false
}

// leakgateNextWait doubles up to 25 ms, so that what exits is seen soon.
func leakgateNextWait(wait time.Duration) time.Duration {
	if wait *= 2; wait > 25*time.Millisecond {
		return 25 * time.Millisecond
	}
	return wait
}

// sameAsBefore: no goroutine came or went since the last dump, and none was on its way.
func (s *leakgateState) sameAsBefore() bool {
	if s.life.round == 0 || !s.life.canarySeen || s.life.atWork || s.someBusy(1) {
		return false
	}
	r := s.census.read(leakgateAnyDepth)
	return r.created == s.census.created && s.census.extra(r) == 1 // the canary
}

func (s *leakgateState) allImmovable() bool {
	for _, g := range s.life.pending {
		if !g.immovable() {
			return false
		}
	}
	return true
}

// someBusy: a suspect could run in each of the last dumps, and must be given the chance to end. One that was caught once
// between two sleeps drops out.
func (s *leakgateState) someBusy(dumps int) bool {
	for _, g := range s.life.pending {
		if g.busy >= dumps {
			return true
		}
	}
	return false
}

// askForProof runs Go's leak GC, where there is one: it marks goroutines that wait for something nothing can reach. Once
// and late: a goroutine so marked that is woken after all (through a weak pointer, say) kills the process.
func (s *leakgateState) askForProof() bool {
	if s.end.asked || !s.opts.prove || s.profile == nil {
		return false
	}
	some := false
	for _, g := range s.life.pending {
		some = some || g.provable()
	}
	if !some {
		return false
	}
	if !s.collecting(s.runLeakGC) {
		s.opts.prove = false
		return false
	}
	return true
}

func (s *leakgateState) runLeakGC() (ok bool) {
	// Without the profile (Go ≤ 1.26 without the experiment) pprof.Lookup gives nil, and WriteTo on that panics.
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	s.end.asked = s.profile("goroutineleak", io.Discard, 0) == nil
	return s.end.asked
}

package harness

import (
	"io"
	"math"
	"os"
	"runtime"
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
	at      int64
}

const (
	leakgateLongest = 5 * time.Second
	leakgateStable  = 12 * time.Millisecond  // before the leak GC is asked
	leakgateShrunk  = 100 * time.Millisecond // a set that shrank so lately is waited for

	leakgateMostStirred = 3 // rounds (1, 2, 4 ms) that a baseline which never rests may cost
)

// leakgateHold keeps what the canary waits on reachable, so that the leak GC does not take the canary for a leak.
var leakgateHold chan struct{}

// finish runs at the end of M.Run.
func (s *leakgateState) finish() {
	defer s.guard("end")
	if !leakgateCurrent.CompareAndSwap(s, nil) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.end.closed = true
	s.noteUnended()
	s.settleGuarded()
	s.end.at = s.now()
	s.writeAll()
}

func (s *leakgateState) noteUnended() {
	for i := range s.spans {
		s.end.unended = s.end.unended || s.spans[i].end < 0
	}
	if s.end.unended {
		s.live = 0
	}
}

func (s *leakgateState) settleGuarded() {
	defer s.guard("settle")
	if !s.gate.started {
		s.firstTest(s.gate.mainGoid)
	}
	before := leakgateNumGoroutine()
	defer s.showLabels()()
	release := s.startCanary()
	defer func() {
		release()
		for i := 0; i < 100 && leakgateNumGoroutine() > before; i++ {
			runtime.Gosched()
		}
	}()
	start := time.Now()
	taken := s.dumps.taken
	s.settle(start)
	s.labelSettled()
	s.end.waited = int64(time.Since(start))
	s.end.rounds = s.dumps.taken - taken
	s.end.canary = s.life.canarySeen
	s.sample(s.now(), leakgateNumGoroutine()-1)
}

// startCanary starts a goroutine that every dump from now on must show.
func (s *leakgateState) startCanary() (release func()) {
	leakgateHold = make(chan struct{})
	ready := make(chan bool)
	go leakgateCanary(s.labels, ready, leakgateHold)
	<-ready
	return func() { close(leakgateHold) }
}

func leakgateCanary(labels leakgateLabels, ready chan<- bool, hold <-chan struct{}) {
	if labels != nil {
		labels.LeakgateLabel(leakgateLabelCanary)
	}
	ready <- true
	<-hold
}

// showLabels has dumps show labels (Go ≥ 1.26) now that no test can be surprised by it, until what it returns is called.
func (s *leakgateState) showLabels() (restore func()) {
	if s.labels == nil || !s.gate.counted {
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

// settle waits only while a suspect may still exit.
func (s *leakgateState) settle(start time.Time) {
	for i := 0; i < 20 && leakgateNumGoroutine() > s.gate.others+s.live+1 && time.Since(start) < 200*time.Microsecond; i++ {
		runtime.Gosched()
	}
	changed, shrunk, fewest := start, start, math.MaxInt32
	overtime := 0 // dumps taken after the time was up
	stirred := 0  // rounds for the sake of the baseline
	for wait := time.Millisecond; ; wait = leakgateNextWait(wait) {
		now := s.now()
		fresh := !s.sameAsBefore()
		if fresh {
			changes := s.life.changes
			s.dump()
			if s.life.changes != changes {
				changed = time.Now()
			}
			if n := len(s.life.pending); n < fewest {
				if fewest < math.MaxInt32 {
					shrunk = time.Now()
				}
				fewest = n
			}
		} else {
			s.gate.stirring = false
			s.life.still(now)
		}
		if s.allImmovable() && (!s.gate.stirring || stirred >= leakgateMostStirred) {
			return
		}
		stirred++
		if time.Since(changed) >= leakgateStable && !s.someBusy(1) && s.askForProof() && s.allImmovable() {
			return
		}
		spent := time.Since(start)
		if spent >= s.opts.settle && (shrunk == start || time.Since(shrunk) >= leakgateShrunk) || spent >= leakgateLongest {
			if !fresh {
				s.dump()
			}
			if overtime++; !s.someBusy(overtime) || spent >= leakgateLongest {
				s.askForProof()
				return
			}
		}
		if left := s.opts.settle - spent; left > 0 && wait > left {
			wait = left
		}
		time.Sleep(wait)
	}
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
	if s.life.round == 0 || !s.life.canarySeen || s.someBusy(1) {
		return false
	}
	if s.gate.counted {
		if n, _ := s.gate.readCreated(); n != s.gate.created {
			return false
		}
	}
	return leakgateNumGoroutine() == s.gate.others+s.live+1
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
	if s.end.asked = s.runLeakGC(); !s.end.asked {
		s.opts.prove = false
		return false
	}
	s.dump()
	return true
}

func (s *leakgateState) runLeakGC() (ok bool) {
	// Without the profile (Go ≤ 1.26 without the experiment) pprof.Lookup gives nil, and WriteTo on that panics.
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	return s.profile("goroutineleak", io.Discard, 0) == nil
}

package harness

import (
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func left(payload string) (found []string) {
	for _, g := range lines(payload, "g") {
		if strings.Fields(g)[4] == "-" {
			found = append(found, g)
		}
	}
	return found
}

// Every dump of these runs is checked by run: none is near a test's end, whatever tests leave and however fast they are.
func TestNoDumpIsNearATestsEnd(t *testing.T) {
	stop := make(chan bool)
	defer close(stop)
	for _, between := range []time.Duration{0, 500 * time.Microsecond, 3 * time.Millisecond} {
		dumps := 0
		p := run(t, "budget=full,settle=5ms,prove=off", func() {
			s := leakgateCurrent.Load()
			for i := 0; i < 30; i++ {
				tRunner("test", "TestLeak", func() {
					go func() { <-stop }()
					go runtime.Gosched()
					tRunner("test", "TestLeak/sub"+strconv.Itoa(i), func() { go func() { <-stop }() })
				})
				time.Sleep(between)
			}
			dumps = s.dumps.taken
		})
		if n := len(lines(p, "t")); n != 60 {
			t.Errorf("%d spans", n)
		}
		if between > time.Duration(leakgateQuiet) && dumps < 10 {
			t.Errorf("%d dumps with %v between tests", dumps, between)
		}
		if between == 0 && dumps > 10 {
			t.Errorf("%d dumps of tests that follow each other at once", dumps)
		}
	}
}

// The end of a test waits for no other goroutine, also if that holds the lock of the shim.
func TestTheEndOfATestTakesNoLock(t *testing.T) {
	run(t, "", func() {
		s := leakgateCurrent.Load()
		var late *time.Timer
		tRunner("test", "TestA", func() {
			s.mu.Lock()
			late = time.AfterFunc(time.Minute, s.mu.Unlock)
		})
		if !late.Stop() {
			t.Fatal("the end of the test waited for the lock")
		}
		s.mu.Unlock()
	})
}

// Its name says that it is ours, and its id that it is not.
func TestOnlyTheCanaryItselfIsHidden(t *testing.T) {
	stop := make(chan bool)
	defer close(stop)
	p := run(t, "settle=5ms,prove=off", func() {
		tRunner("test", "TestA", func() { go usersleakgateCanary(stop) })
	})
	if len(left(p)) != 1 {
		t.Error(p)
	}
}

func usersleakgateCanary(stop chan bool) { <-stop }

// What a test has left and what a finalizer ends: the pipe's end is garbage.
func TestWhatOnlyTheCollectorEndsIsMarked(t *testing.T) {
	p := run(t, "settle=5ms,prove=off", func() {
		tRunner("test", "TestA", func() {
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			go func() { r.Read(make([]byte, 1)) }()
			runtime.KeepAlive(w)
		})
	})
	if g := lines(p, "g"); len(g) != 1 || len(left(p)) != 0 || strings.Fields(g[0])[7] != "collected" {
		t.Errorf("%q", g)
	}
}

func TestASleeperIsWaitedForOneRound(t *testing.T) {
	var closed atomic.Bool
	start := time.Now()
	p := run(t, "settle=5ms,prove=off", func() {
		tRunner("test", "TestEnds", func() {
			go func() {
				for !closed.Load() {
					time.Sleep(300 * time.Millisecond)
				}
			}()
			time.Sleep(time.Millisecond)
			closed.Store(true)
		})
	})
	if len(left(p)) != 0 {
		t.Errorf("%v: %q", time.Since(start), left(p))
	}
	stop := make(chan bool)
	defer close(stop)
	start = time.Now()
	p = run(t, "settle=5ms,prove=off", func() {
		tRunner("test", "TestGoesOn", func() {
			go func() {
				for {
					time.Sleep(50 * time.Millisecond)
					select {
					case <-stop:
						return
					default:
					}
				}
			}()
		})
		tRunner("test", "TestForHours", func() { go time.Sleep(time.Hour) })
	})
	if len(left(p)) != 2 || time.Since(start) > 3*time.Second {
		t.Errorf("%v: %q", time.Since(start), left(p))
	}
}

// A pool of TestMain works on a job of the last test when all have ended, and leaves something.
func TestAWorkerThatIsAtWorkForATestIsWatched(t *testing.T) {
	stop := make(chan bool)
	defer close(stop)
	for name, work := range map[string]func(){
		"computes": func() {
			for start := time.Now(); time.Since(start) < 40*time.Millisecond; {
			}
		},
		"sleeps": func() { time.Sleep(40 * time.Millisecond) },
	} {
		jobs := make(chan func())
		go func() {
			for job := range jobs {
				job()
			}
		}()
		time.Sleep(5 * time.Millisecond)
		p := run(t, "prove=off", func() {
			tRunner("test", "TestA", func() {
				jobs <- func() {
					work()
					go func() { <-stop }()
				}
			})
		})
		if len(left(p)) != 1 {
			t.Errorf("%s: %q", name, left(p))
		}
		close(jobs)
	}
}

func TestAnIdleBaselineIsNotWaitedFor(t *testing.T) {
	stop := make(chan bool)
	defer close(stop)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	go func() { <-stop }()
	go func() { r.Read(make([]byte, 1)) }()
	go func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(time.Hour):
			}
		}
	}()
	time.Sleep(5 * time.Millisecond)
	start := time.Now()
	run(t, "settle=5s", func() { tRunner("test", "TestA", func() {}) })
	if took := time.Since(start); took > 3*time.Second {
		t.Errorf("took %v", took)
	}
}

// A task that began while settling is watched for as long as all others.
func TestANewbornIsWatchedForAsLongAsTheOthers(t *testing.T) {
	p := run(t, "settle=200ms,prove=off", func() {
		tRunner("test", "TestA", func() {
			time.AfterFunc(90*time.Millisecond, func() { <-time.After(150 * time.Millisecond) })
			go func() { <-time.After(230 * time.Millisecond) }()
		})
	})
	if len(left(p)) > 1 {
		t.Errorf("%q", left(p))
	}
	for _, g := range left(p) {
		if strings.Fields(g)[5] == "-" {
			t.Errorf("the callback of a timer: %s", g)
		}
	}
}

func TestTheLengthOfASleepIsReadFromADump(t *testing.T) {
	for block, want := range map[string]int64{
		"goroutine 7 [sleep]:\ntime.Sleep(0x3b9aca00)\n\t/time.go:1 +0x1\n": 1e9,
		"goroutine 7 [sleep]:\ntime.Sleep(0x3e8?)\n\t/time.go:1 +0x1\n":     1000,
		"goroutine 7 [select]:\na/b.f(0x1)\n\t/x.go:1 +0x1\n":               0,
	} {
		if got := leakgateSleep([]byte(block)); got != want {
			t.Errorf("%d, not %d of %q", got, want, block)
		}
	}
}

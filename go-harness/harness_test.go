package harness

import (
	"bytes"
	"io"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"leakgate/harness/testdeps"
)

// run calls body between the start and the end of a run, and gives back the payload that was written.
func run(t *testing.T, options string, body func()) string {
	t.Helper()
	letEnd()
	var out bytes.Buffer
	s := leakgateBegin(leakgateParseOptions(options), &out, []any{testdeps.TestDeps{}})
	quiet := func(act string) func() {
		return func() {
			if since := s.now() - s.lastEnd.Load(); s.lastEnd.Load() > 0 && since < leakgateQuiet {
				t.Errorf("%s %v after the end of a test", act, time.Duration(since))
			}
		}
	}
	s.dumps.onTake, s.census.onCount = quiet("a dump"), quiet("goroutines created are counted")
	s.ready()
	body()
	s.finish()
	var payload strings.Builder
	for _, line := range strings.SplitAfter(out.String(), "\n") {
		if fields := strings.SplitN(line, " ", 6); len(fields) == 6 && fields[5][0] == 'D' {
			payload.WriteString(strings.NewReplacer(`\n`, "\n", `\t`, "\t").Replace(strings.TrimSuffix(fields[5][1:], "\n")))
		}
	}
	if strings.Contains(payload.String(), "\nf ") {
		t.Error(payload.String())
	}
	if !strings.Contains(payload.String(), " seen ") {
		t.Error("no canary", payload.String())
	}
	return payload.String()
}

// letEnd waits until what the tests before have let go has ended: a baseline with goroutines that end a moment later expects
// more of them than there are.
func letEnd() {
	const asLongAs = 10
	for same, n := 0, runtime.NumGoroutine(); same < asLongAs; same++ {
		time.Sleep(200 * time.Microsecond)
		if now := runtime.NumGoroutine(); now != n {
			same, n = 0, now
		}
	}
}

// tRunner does what package testing does: a test has a goroutine of its own, and cleanups at its end.
func tRunner(kind, name string, body func()) { runner(kind, name, false, body) }

// bubble does what testing/synctest does.
func bubble(name string, body func()) { runner("test", name, true, body) }

func runner(kind, name string, nested bool, body func()) {
	done := make(chan bool)
	go func() {
		defer close(done)
		var cleanups []func()
		leakgateTest(kind, name, 1+strings.Count(name, "/"), nested, &cleanups)
		defer func() {
			for i := len(cleanups) - 1; i >= 0; i-- {
				cleanups[i]()
			}
		}()
		body()
	}()
	<-done
}

func lines(payload, key string) (found []string) {
	for _, line := range strings.Split(payload, "\n") {
		if strings.HasPrefix(line, key+" ") {
			found = append(found, line)
		}
	}
	return found
}

func TestCleanTestsLeaveNothing(t *testing.T) {
	p := run(t, "", func() {
		for i := 0; i < 100; i++ {
			tRunner("test", "TestA", func() {
				var wg sync.WaitGroup
				wg.Add(1)
				go wg.Done()
				wg.Wait()
			})
		}
	})
	if n := len(lines(p, "t")); n != 100 {
		t.Errorf("%d spans", n)
	}
	for _, g := range lines(p, "g") {
		if strings.Fields(g)[4] == "-" {
			t.Errorf("left: %s", g)
		}
	}
}

func TestALeakCarriesTheLabelOfItsTest(t *testing.T) {
	stop := make(chan bool)
	defer close(stop)
	p := run(t, "settle=20ms,prove=off", func() {
		tRunner("test", "TestA", func() {})
		tRunner("test", "TestB", func() { go func() { <-stop }() })
		tRunner("test", "TestC", func() {
			done := make(chan bool)
			go func() { go func() { <-stop }(); close(done) }()
			<-done
		})
	})
	if seqs := labelsOf(p); !seqs["2"] || !seqs["3"] || len(seqs) != 2 {
		t.Errorf("%v\n%s", seqs, p)
	}
}

// labelsOf are the labels of what is left: the headers of Go ≥ 1.26 show them, or the profile at the settled end does.
func labelsOf(payload string) map[string]bool {
	seqs := map[string]bool{}
	for _, g := range left(payload) {
		if f := strings.Fields(g); f[6] != "-" {
			seqs[f[6]] = true
		}
	}
	for _, stack := range lines(payload, "l") {
		for _, count := range strings.Fields(stack)[2:] {
			if seq, n, _ := strings.Cut(count, ":"); n != "0" && seq != "0" {
				seqs[seq] = true
			}
		}
	}
	return seqs
}

func TestEqualLeaksAreOneLine(t *testing.T) {
	stop := make(chan bool)
	defer close(stop)
	p := run(t, "settle=20ms,prove=off", func() {
		tRunner("test", "TestMany", func() {
			for i := 0; i < 2000; i++ {
				go func() { <-stop }()
			}
		})
	})
	if k, g := len(lines(p, "k")), len(lines(p, "g")); k > 2 || g > 3 {
		t.Errorf("%d stacks, %d lines\n%.2000s", k, g, p)
	}
}

func TestALateGoroutineIsWaitedFor(t *testing.T) {
	p := run(t, "", func() {
		tRunner("test", "TestLate", func() { go time.Sleep(300 * time.Millisecond) }) // longer than a loaded machine takes for the first look
	})
	leaks := lines(p, "g")
	if len(leaks) != 1 || strings.Fields(leaks[0])[4] == "-" {
		t.Errorf("%q", leaks)
	}
}

// Nothing else moves, so that no dump is taken while it waits: its life goes on all the same.
func TestALateGoroutineIsSeenForAsLongAsItLives(t *testing.T) {
	p := run(t, "settle=2s", func() {
		tRunner("test", "TestLate", func() { go func() { <-time.After(500 * time.Millisecond) }() })
	})
	leaks := lines(p, "g")
	if len(leaks) != 1 {
		t.Fatalf("%q", leaks)
	}
	f := strings.Fields(leaks[0])
	first, _ := strconv.Atoi(f[2])
	last, _ := strconv.Atoi(f[3])
	if lived := time.Duration(last - first); lived < 300*time.Millisecond {
		t.Errorf("seen for %v\n%s", lived, p)
	}
}

func TestSettlingEndsAtOnceWhenNothingCanMove(t *testing.T) {
	start := time.Now()
	run(t, "settle=10s", func() {
		tRunner("test", "TestNil", func() { go func() { var c chan int; <-c }() })
	})
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestTheBubbleOfATestIsTheSameTest(t *testing.T) {
	p := run(t, "", func() {
		tRunner("test", "TestA", func() { bubble("TestA", func() {}) })
		tRunner("benchmark", "BenchmarkB", func() {})
		tRunner("benchmark", "BenchmarkB", func() {})
		tRunner("benchmark", "Main", func() {})
		tRunner("test", "", func() {})
		leakgateExample("Example")()
	})
	var seqs []string
	for _, line := range lines(p, "t") {
		f := strings.Fields(line)
		seqs = append(seqs, f[1]+f[2])
		if f[5] == "-" {
			t.Errorf("never ended: %s", line)
		}
	}
	if got := strings.Join(seqs, " "); got != "1t 1t 2b 2b 3e" {
		t.Errorf("%s", got)
	}
}

// What the test before has left is to have no more time than without the shim: nothing is waited for, and nothing taken in.
func TestATestThatFollowsAtOnceTakesNoLock(t *testing.T) {
	p := run(t, "", func() {
		tRunner("test", "TestA", func() {})
		s := leakgateCurrent.Load()
		s.lastEnd.Store(s.now() + int64(time.Hour)) // it follows at once, however loaded the machine is
		s.mu.Lock()
		ran := make(chan bool)
		go func() {
			tRunner("test", "TestB", func() {})
			close(ran)
		}()
		select {
		case <-ran:
		case <-time.After(10 * time.Second):
			t.Error("TestB waits")
		}
		s.mu.Unlock()
		<-ran
	})
	if tests := lines(p, "t"); len(tests) != 2 || !strings.HasSuffix(tests[1], " TestB") {
		t.Errorf("%q", tests)
	}
}

func TestParallelTestsDoNotSeeEachOtherAsLeaks(t *testing.T) {
	p := run(t, "budget=full", func() {
		tRunner("test", "TestA", func() {
			var wg sync.WaitGroup
			for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
				wg.Add(1)
				go func(name string) {
					defer wg.Done()
					tRunner("test", "TestA/"+name, func() {
						for i := 0; i < 50; i++ {
							done := make(chan bool)
							go close(done)
							<-done
							runtime.Gosched()
						}
					})
				}(name)
			}
			wg.Wait()
		})
	})
	for _, g := range lines(p, "g") {
		if strings.Fields(g)[4] == "-" {
			t.Errorf("left: %s", g)
		}
	}
	if n := len(lines(p, "t")); n != 9 {
		t.Errorf("%d spans", n)
	}
}

// A subtest of another parallel test had been created, but not begun, when this one began: the counts of goroutines and of
// tests that came since are equal, and yet something was started.
func TestATestBesideOthersIsKnownAsParent(t *testing.T) {
	stop := make(chan bool)
	defer close(stop)
	p := run(t, "settle=20ms,prove=off,labels=off", func() {
		tRunner("test", "TestOther", func() {
			begin, begun := make(chan bool), make(chan bool)
			go func() {
				<-begin
				var cleanups []func()
				leakgateTest("test", "TestOther/sub", 2, false, &cleanups)
				close(begun)
				<-stop
				cleanups[0]()
			}()
			tRunner("test", "TestLeak", func() {
				close(begin)
				<-begun
				go func() { <-stop }()
			})
		})
	})
	for _, line := range lines(p, "t") {
		if f := strings.Fields(line); f[6] == "TestLeak" && f[3] == "0" {
			t.Errorf("%s\n%s", line, p)
		}
	}
}

func TestAFailureOfTheShimIsRecordedAndStaysInside(t *testing.T) {
	var out bytes.Buffer
	s := leakgateBegin(leakgateParseOptions(""), &out, nil)
	leakgateTest("test", "TestA", 1, false, nil)
	s.finish()
	if !strings.Contains(out.String(), `f test: runtime error: invalid memory address or nil pointer dereference\n`) {
		t.Errorf("%s", out.String())
	}
}

func TestTheUsersPanicIsNotSwallowed(t *testing.T) {
	defer leakgateBegin(leakgateParseOptions(""), io.Discard, nil).finish()
	defer func() {
		if r := recover(); r != "the user's" {
			t.Errorf("%v", r)
		}
	}()
	defer leakgateExample("Example")()
	panic("the user's")
}

func TestInactiveDoesNothing(t *testing.T) {
	before := leakgateRecords
	end := leakgateRun(false)
	var cleanups []func()
	leakgateTest("test", "TestA", 1, false, &cleanups)
	leakgateExample("Example")()
	end()
	if leakgateRecords != before || cleanups != nil {
		t.Error("wrote records, or registered a cleanup")
	}
}

func BenchmarkCleanTest(b *testing.B) {
	s := leakgateBegin(leakgateParseOptions(""), io.Discard, []any{testdeps.TestDeps{}})
	s.ready()
	defer s.finish()
	for i := 0; i < b.N; i++ {
		tRunner("test", "TestA", func() {})
	}
}

func BenchmarkCleanTestWithoutShim(b *testing.B) {
	for i := 0; i < b.N; i++ {
		tRunner("test", "TestA", func() {})
	}
}

package harness

import (
	"strings"
	"testing"
	"time"
)

func TestAGoroutineTellsWhereItWaitedBefore(t *testing.T) {
	idle, busy := make(chan bool), make(chan bool)
	defer close(busy)
	settled()
	p := run(t, "settle=20ms,prove=off,budget=full", func() {
		tRunner("test", "TestOpens", func() {
			go func() {
				<-idle
				<-busy
			}()
			time.Sleep(5 * time.Millisecond)
		})
		time.Sleep(5 * time.Millisecond) // no dump is taken just after a test
		tRunner("test", "TestUses", func() {
			close(idle)
			time.Sleep(5 * time.Millisecond)
		})
	})
	moves, stacks, spans := lines(p, "w"), lines(p, "k"), lines(p, "t")
	if len(moves) != 1 {
		t.Fatalf("%q\n%s", moves, p)
	}
	if from, _ := leakgateUint([]byte(moves[0][2:])); int(from) >= len(stacks) {
		t.Errorf("%s of %d stacks", moves[0], len(stacks))
	}
	ended, _ := leakgateUint([]byte(strings.Fields(spans[0])[5]))
	last, _ := leakgateUint([]byte(strings.Fields(moves[0])[2]))
	if last < ended {
		t.Errorf("it was idle when TestOpens had ended: %s, %s", spans[0], moves[0])
	}
}

// settled waits until nothing that other tests have left ends any more: what ends meanwhile hides what begins.
func settled() {
	for same, before := 0, 0; same < 4; same++ {
		time.Sleep(5 * time.Millisecond)
		if now := leakgateNumGoroutine(); now != before {
			same, before = 0, now
		}
	}
}

func TestATestThatWaitsForItsTurnIsPaused(t *testing.T) {
	p := run(t, "settle=20ms,prove=off", func() {
		tRunner("test", "TestParallel", func() {
			resume := leakgateParallel("TestParallel")
			time.Sleep(5 * time.Millisecond)
			resume()
		})
		tRunner("test", "TestOther", func() {})
	})
	pauses := lines(p, "p")
	if len(pauses) != 1 {
		t.Fatal(p)
	}
	from, rest := leakgateUint([]byte(pauses[0][len("p 1 "):]))
	to, _ := leakgateUint(rest[1:])
	if to < from+5e6 {
		t.Errorf("%s", pauses[0])
	}
}

// go t.Run(…, func(t *testing.T) { t.Parallel() }), and the parent does not wait.
func TestATestWithoutAnEndIsASuspect(t *testing.T) {
	stop := make(chan bool)
	defer close(stop)
	p := run(t, "settle=20ms,prove=off", func() {
		begun := make(chan bool)
		tRunner("test", "TestParent", func() {
			go tRunner("test", "TestParent/lost", func() {
				leakgateParallel("TestParent/lost")
				close(begun)
				<-stop
			})
			<-begun
		})
	})
	if pauses := lines(p, "p"); len(pauses) != 1 || !strings.HasSuffix(pauses[0], " -") {
		t.Errorf("%q", pauses)
	}
	// The goroutine that waits for the test's end is of the parent, and the test's own is of the test.
	if labels := labelsOf(p); len(left(p)) != 2 || !labels["1"] || !labels["2"] {
		t.Errorf("%v\n%s", labels, p)
	}
}

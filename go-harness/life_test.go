package harness

import "testing"

// One life over several dumps; each is a header's state.
func lifeOver(t *testing.T, states ...string) *leakgateSuspect {
	t.Helper()
	var l leakgateLife
	l.init()
	for i, state := range states {
		block := []byte("goroutine 7 [" + state + "]:\na/b.f()\n\t/x.go:" + string(rune('1'+i%2)) + " +0x1\ncreated by a/b.g in goroutine 1\n\t/x.go:9 +0x2\n")
		head, ok := leakgateHeader(block)
		if !ok {
			t.Fatalf("no header in %q", block)
		}
		l.round++
		l.see(head, block, int64(i), -1)
		l.sweep(int64(i))
	}
	return l.all[0]
}

func TestALoopThatIsCaughtBetweenTwoTicksIsShownWaiting(t *testing.T) {
	g := lifeOver(t, "chan receive", "chan receive", "runnable")
	if got := g.shown().reason(); got != "chan receive" {
		t.Errorf("shown as %q", got)
	}
}

func TestALoopThatRunsForLongIsShownRunning(t *testing.T) {
	states := []string{"chan receive"}
	for len(states) <= leakgateMostlyBusy {
		states = append(states, "runnable")
	}
	if got := lifeOver(t, states...).shown().reason(); got != "runnable" {
		t.Errorf("shown as %q", got)
	}
	if got := lifeOver(t, "running").shown().reason(); got != "running" {
		t.Errorf("shown as %q", got)
	}
}

func TestOneSlowDumpDoesNotMakeTheNextOnesDear(t *testing.T) {
	var g leakgateGate
	g.price(40000, 9)
	g.price(60000000, 9)
	if g.perGo > 5001 {
		t.Errorf("after one slow dump %d ns per goroutine", g.perGo)
	}
	for i := 0; i < 20; i++ {
		g.price(400000, 9)
	}
	if g.perGo != 40000 {
		t.Errorf("after many slow dumps %d ns per goroutine", g.perGo)
	}
}

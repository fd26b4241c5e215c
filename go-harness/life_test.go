package harness

import "testing"

// One life over several dumps; each is a header's state, or empty.
func lifeOver(t *testing.T, states ...string) *leakgateSuspect {
	t.Helper()
	var l leakgateLife
	l.init()
	for i, state := range states {
		l.round++
		if state == "" { // it is gone
			l.sweep(int64(i))
			continue
		}
		block := []byte("goroutine 7 [" + state + "]:\na/b.f()\n\t/x.go:" + string(rune('1'+i%2)) + " +0x1\ncreated by a/b.g in goroutine 1\n\t/x.go:9 +0x2\n")
		head, ok := leakgateHeader(block)
		if !ok {
			t.Fatalf("no header in %q", block)
		}
		l.see(head, block, int64(i), -1)
		l.sweep(int64(i))
	}
	return l.all[0]
}

func TestALoopThatIsCaughtBetweenTwoTicksIsShownWaiting(t *testing.T) {
	g := lifeOver(t, "chan receive", "chan receive", "runnable")
	if got, at := g.shown(); got.reason() != "chan receive" || at != 2 {
		t.Errorf("shown as %q at %d", got.reason(), at)
	}
}

// The zoo's case 43: it slept past its test's end, and the last dump that showed it caught it waking up.
func TestAGoroutineThatIsGoneIsShownInWhatItWaitedFor(t *testing.T) {
	g := lifeOver(t, "sleep", "sleep", "runnable", "")
	if got, at := g.shown(); got.reason() != "sleep" || at != 1 || g.goneBy != 3 {
		t.Errorf("shown as %q at %d, gone by %d", got.reason(), at, g.goneBy)
	}
}

func TestWhileNothingComesOrGoesLivesGoOn(t *testing.T) {
	var l leakgateLife
	l.init()
	parked, busy := &leakgateSuspect{lastSeen: 1}, &leakgateSuspect{lastSeen: 1, busy: 1}
	l.pending = []*leakgateSuspect{parked, busy}
	l.still(7)
	if parked.lastSeen != 7 || parked.parkedSeen != 7 || busy.lastSeen != 7 || busy.parkedSeen != 0 {
		t.Errorf("%+v %+v", parked, busy)
	}
}

func TestALoopThatRunsForLongIsShownRunning(t *testing.T) {
	states := []string{"chan receive"}
	for len(states) <= leakgateMostlyBusy {
		states = append(states, "runnable")
	}
	if got, _ := lifeOver(t, states...).shown(); got.reason() != "runnable" {
		t.Errorf("shown as %q", got.reason())
	}
	if got, _ := lifeOver(t, "running").shown(); got.reason() != "running" {
		t.Errorf("shown as %q", got.reason())
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

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
		l.see(head, block, int64(i), int64(i), -1)
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

// On a loaded machine a dump takes long. A server's connection that was about to end with its test was held to be there still.
func TestASlowDumpSaysWhatIsCertain(t *testing.T) {
	s := &leakgateState{}
	s.life.init()
	block := "goroutine 7 [IO wait]:\na/b.f()\n\t/x.go:1 +0x1\n"
	s.readDump([]byte(block), 10, 60)
	g := s.life.byID[7]
	if g.firstSeen != 60 || g.lastSeen != 10 || g.goneBy != -1 || s.gate.certain != 10 {
		t.Errorf("%+v, certain at %d", g, s.gate.certain)
	}
	s.readDump(nil, 70, 90)
	if g.lastSeen != 10 || g.goneBy != 90 || s.gate.certain != 70 {
		t.Errorf("%+v, certain at %d", g, s.gate.certain)
	}
}

// Blocks that say the same are read once.
func TestABlockLikeTheOneBeforeIsReadLikeIt(t *testing.T) {
	block := func(id, state, arg, parent string) string {
		return "goroutine " + id + " [" + state + "]:\na/b.(*T).f(" + arg + ")\n\t/x.go:1 +0x1\ncreated by a/b.g in goroutine " + parent + "\n\t/x.go:9 +0x2\n\n"
	}
	s := &leakgateState{}
	s.life.init()
	s.readDump([]byte(block("7", "select", "0xc000100000", "1")+
		block("8", "select", "0xc000100000", "1")+
		block("9", "select, 2 minutes", "0xc000100000", "1")+
		block("10", "chan receive", "0xc000100000", "1")+
		block("11", "chan receive", "0xc000200000", "1")+
		block("12", "chan receive", "0xc000200000", "2")), 1, 2)
	for _, want := range []struct {
		id, parent uint64
		reason     string
		addr       uint64
	}{
		{7, 1, "select", 0xc000100000},
		{8, 1, "select", 0xc000100000},
		{9, 1, "select", 0xc000100000},
		{10, 1, "chan receive", 0xc000100000},
		{11, 1, "chan receive", 0xc000200000},
		{12, 2, "chan receive", 0xc000200000},
	} {
		g := s.life.byID[want.id]
		if g == nil || g.id != want.id || g.parent != want.parent || g.block.reason() != want.reason || len(g.objects) != 1 || g.objects[0].addr != want.addr {
			t.Errorf("want %+v, got %+v", want, g)
		}
	}
	if len(s.life.order) != 2 {
		t.Errorf("%d stacks", len(s.life.order))
	}
	s.life.byID[7].objects[0].addr = 5
	if s.life.byID[8].objects[0].addr == 5 {
		t.Error("two share what they work on")
	}
	// The next dump may lie where this one lay.
	s.readDump([]byte(block("13", "select", "0xc000300000", "3")), 3, 4)
	if g := s.life.byID[13]; g.parent != 3 || g.objects[0].addr != 0xc000300000 {
		t.Errorf("%+v", g)
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

func TestWhatRunsATest(t *testing.T) {
	head := "goroutine 9 [chan receive]:\n"
	user := "a/b.f(...)\n\t/x.go:1\na/b.g()\n\t/x.go:1 +0x1\n"
	by := "created by a/b.TestX in goroutine 8\n\t/x.go:9 +0x2\n"
	runner := "testing.tRunner(0x1, 0x2)\n\t/testing.go:1 +0x1\n"
	bench := "testing.(*B).run1(0x1)\n\t/benchmark.go:1 +0x1\ntesting.Benchmark(0x1)\n\t/benchmark.go:2 +0x1\n"
	for block, runs := range map[string]bool{
		head + runner: true,
		head + user + runner + "created by testing.(*T).Run in goroutine 1\n\t/testing.go:9 +0x2\n": true,
		head + user + "testing.(*B).run1.func1()\n\t/benchmark.go:9 +0x2\n" + by:                    true,
		head + user + "...9 frames elided...\n" + user + runner + by:                                true,
		head + user + by: false,
		head + user:      false,
		head:             false,
		head + user + by + "[originating from goroutine 8]:\n" + runner + "created by testing.(*T).Run\n\t/t.go:1\n": false,
		head + bench + by:         false,
		head + bench + user + by:  false,
		head + runner + user + by: false,
	} {
		if leakgateRunsTest([]byte(block)) != runs {
			t.Errorf("not %v:\n%s", runs, block)
		}
	}
}

package harness

import (
	"io"
	"strconv"
	"strings"
	"testing"
)

// A made-up run: suspects as the last dump showed them, and a profile that was taken after it.
type madeUp struct {
	*leakgateState
	profileText string
}

func makeUp(tests int) *madeUp {
	m := &madeUp{leakgateState: &leakgateState{}}
	m.labels = m
	m.life.init()
	for seq := 1; seq <= tests; seq++ {
		m.spans = append(m.spans, &leakgateSpan{seq: uint32(seq), goid: uint64(100 + seq), end: -1})
	}
	return m
}

func (m *madeUp) LeakgateLabel(uint32, string) uintptr { return 0 }
func (m *madeUp) LeakgateCarried() uintptr             { return 1 }
func (m *madeUp) LeakgateShow(bool)                    {}
func (m *madeUp) LeakgateProfile(w io.Writer) error {
	_, err := io.WriteString(w, "goroutine profile: total 9\n"+m.profileText)
	return err
}

// dumped adds a goroutine; what follows a slash in creator is its line.
func (m *madeUp) dumped(id, parent uint64, fn, creator string) *leakgateSuspect {
	name, line, _ := strings.Cut(creator, "/")
	text := "goroutine 0 [select]:\n" + fn + "(...)\n\t/x.go:9\ncreated by " + name + "\n\t/x.go:1" + line + "\n"
	block := m.life.blocks[text]
	if block == nil {
		block = &leakgateBlockText{text: []byte(text)}
		m.life.blocks[text] = block
	}
	g := &leakgateSuspect{id: id, parent: parent, block: block, firstSeen: 1, goneBy: -1}
	m.life.byID[id] = g
	m.life.pending = append(m.life.pending, g)
	return g
}

// profiled adds n goroutines with the label of test seq; 0 is none.
func (m *madeUp) profiled(n, seq int, fn string) {
	m.profileText += strconv.Itoa(n) + " @ 0x1\n"
	if seq > 0 {
		m.profileText += "# labels: {\"leakgate\":\"" + strconv.Itoa(seq) + ":Test\"}\n"
	}
	m.profileText += "#\t0x1\t" + fn + "+0x1\t/x.go:9\n\n"
}

// ask reads the profile; the next dump shows all where they were.
func (m *madeUp) ask(settled bool) {
	m.labelFromProfile(settled)
	for _, g := range m.life.pending {
		g.confirm()
	}
}

func expectLabel(t *testing.T, g *leakgateSuspect, seq uint32, source leakgateSource) {
	t.Helper()
	if g.seq != seq || g.source != source {
		t.Errorf("goroutine %d has label %d by %d, want %d by %d", g.id, g.seq, g.source, seq, source)
	}
}

// Connections of two kinds, each in two tests: all write loops look the same, and the read loops of one kind. Which of two equal
// connections belongs to which of its tests can't be known, but the two loops of one belong together.
func TestSiblingsTellWhoseLabelItIs(t *testing.T) {
	m := makeUp(4)
	parents := map[uint64]string{5: "readIdle", 6: "readOpen", 7: "readIdle", 8: "readOpen"}
	for parent := uint64(5); parent <= 8; parent++ {
		m.dumped(10+parent, parent, "write", "dial")
	}
	for parent := uint64(8); parent >= 5; parent-- {
		m.dumped(20+parent, parent, parents[parent], "dial")
	}
	for i, fn := range []string{"readOpen", "readIdle", "readOpen", "readIdle"} {
		m.profiled(1, i+1, "write")
		m.profiled(1, i+1, fn)
	}
	m.ask(true)
	loops := map[uint64]uint32{}
	for _, g := range m.life.pending {
		if open := parents[g.parent] == "readOpen"; g.seq == 0 || open != (g.seq%2 == 1) {
			t.Errorf("a loop of connection %d, %s, went to %d", g.parent, parents[g.parent], g.seq)
		}
		if other, both := loops[g.parent]; both && other != g.seq {
			t.Errorf("the loops of connection %d went to %d and %d", g.parent, other, g.seq)
		}
		loops[g.parent] = g.seq
		if g.source != leakgateFromSum {
			t.Errorf("goroutine %d: source %d", g.id, g.source)
		}
	}
}

func TestTheOnlyLabelOfAStackIsCertainOnceTheNextDumpShowsItThere(t *testing.T) {
	for _, settled := range []bool{false, true} {
		m := makeUp(1)
		stays, moves := m.dumped(11, 5, "f", "g"), m.dumped(12, 6, "f", "g")
		m.profiled(2, 1, "f")
		m.labelFromProfile(settled)
		expectLabel(t, stays, 0, leakgateUnlabelled)
		stays.confirm()
		moves.block = &leakgateBlockText{}
		moves.confirm()
		expectLabel(t, stays, 1, leakgateFromProfile)
		expectLabel(t, moves, 0, leakgateUnlabelled)
	}
}

// A ticker's loop is caught between two ticks by this dump or that; it is where it was all the same.
func TestALoopThatIsCaughtBetweenTwoTicksIsWhereItWas(t *testing.T) {
	for _, before := range []bool{false, true} {
		m := makeUp(1)
		g := m.dumped(11, 5, "f", "g")
		parked, running := g.block, &leakgateBlockText{text: []byte("goroutine 0 [running]:\nf(...)\n\t/x.go:10\n")}
		if before {
			g.block, g.parked, g.busy = running, parked, 1
		}
		m.profiled(1, 1, "f")
		m.labelFromProfile(true)
		g.block, g.parked, g.busy = running, parked, 1
		g.confirm()
		expectLabel(t, g, 1, leakgateFromProfile)
	}
}

// Between the dump and the profile a goroutine of one test may go where an equal one of another test comes.
func TestCountsThatDoNotFitTheDumpAreNotBelieved(t *testing.T) {
	m := makeUp(2)
	g, h := m.dumped(11, 5, "f", "g"), m.dumped(12, 6, "f", "g")
	m.profiled(1, 2, "f") // one of both has gone
	m.ask(true)
	expectLabel(t, g, 0, leakgateUnlabelled)
	expectLabel(t, h, 0, leakgateUnlabelled)

	m = makeUp(2)
	g, h = m.dumped(11, 5, "f", "g"), m.dumped(12, 6, "f", "g")
	m.profiled(2, 1, "f")
	m.profiled(1, 2, "f") // and one has come
	m.ask(true)
	expectLabel(t, g, 0, leakgateUnlabelled)
	expectLabel(t, h, 0, leakgateUnlabelled)
}

func TestWhatIsLeftWhenKinshipHasToldIsCertain(t *testing.T) {
	m := makeUp(2)
	child, grandchild := m.dumped(11, 101, "f", "g"), m.dumped(12, 6, "f", "g")
	m.profiled(1, 1, "f")
	m.profiled(1, 2, "f")
	m.ask(false)
	expectLabel(t, child, 1, leakgateFromProfile)
	expectLabel(t, grandchild, 2, leakgateFromProfile)
}

// Equal frames with different go statements are not interchangeable: a test would be shown another one's.
func TestOnlyEqualGoroutinesShareLabels(t *testing.T) {
	for _, c := range []struct {
		creators [2]string
		settled  bool
		source   leakgateSource
	}{
		{[2]string{"g", "g"}, true, leakgateFromSum},
		{[2]string{"g/1", "g/2"}, true, leakgateUnlabelled},
		{[2]string{"g", "g"}, false, leakgateUnlabelled},
	} {
		m := makeUp(2)
		a, b := m.dumped(11, 5, "f", c.creators[0]), m.dumped(12, 6, "f", c.creators[1])
		m.profiled(1, 1, "f")
		m.profiled(1, 2, "f")
		m.ask(c.settled)
		if a.source != c.source || b.source != c.source || a.seq != 0 && a.seq == b.seq {
			t.Errorf("%v: labels %v and %v", c, a.leakgateLabel, b.leakgateLabel)
		}
	}
}

func TestATestThatBeganLaterIsNotBelieved(t *testing.T) {
	m := makeUp(1)
	m.spans[0].start = 2
	g := m.dumped(11, 5, "f", "g")
	m.profiled(1, 1, "f")
	m.ask(true)
	expectLabel(t, g, 0, leakgateUnlabelled)
}

func TestUnlabelledOnesOfTheSameStackLeaveLabelsCertainIfTheirSumFits(t *testing.T) {
	m := makeUp(1)
	g := m.dumped(11, 5, "f", "g")
	m.profiled(3, 0, "f") // the baseline's
	m.profiled(1, 1, "f")
	m.ask(false)
	expectLabel(t, g, 1, leakgateFromProfile)

	m = makeUp(1)
	servers, tests := m.dumped(11, 5, "f", "g"), m.dumped(12, 6, "f", "g")
	m.profiled(1, 0, "f")
	m.profiled(1, 1, "f")
	m.ask(true)
	expectLabel(t, servers, 0, leakgateUnlabelled)
	expectLabel(t, tests, 0, leakgateUnlabelled)
}

package harness

import (
	"io"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

// A made-up run: suspects as the last dump showed them, and a profile that was read after it.
type madeUp struct {
	*leakgateState
	profileText string
}

func makeUp() *madeUp {
	m := &madeUp{leakgateState: &leakgateState{}}
	m.labels = m
	m.life.init()
	return m
}

func (m *madeUp) LeakgateLabel(uint32, string) uintptr { return 0 }
func (m *madeUp) LeakgateCarried() uintptr             { return 1 }
func (m *madeUp) LeakgateShow(bool)                    {}
func (m *madeUp) LeakgateProfile(w io.Writer) error {
	_, err := io.WriteString(w, "goroutine profile: total 9\n"+m.profileText)
	return err
}

// shows adds a goroutine to what the last dump showed.
func (m *madeUp) shows(id uint64, fn string) *leakgateSuspect {
	text := "goroutine 0 [select]:\n" + fn + "(...)\n\t/x.go:9\ncreated by g\n\t/x.go:1\n"
	block := m.life.blocks[text]
	if block == nil {
		block = &leakgateBlockText{text: []byte(text)}
		m.life.blocks[text] = block
	}
	g := &leakgateSuspect{id: id, block: block, goneBy: -1}
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

// reads gives back what a reading and the dump after it write, and whether there was a reading.
func (m *madeUp) reads(ended bool) (lines []string, read bool) {
	from := len(m.readings.lines.out)
	read = m.readProfile(ended)
	m.readings.dumped()
	for _, line := range strings.Split(string(m.readings.lines.out[from:]), "\n") {
		if strings.HasPrefix(line, "l ") { // of no order
			fields := strings.Fields(line)
			counts := make([]uint64, 0, len(fields))
			for _, field := range fields[2:] {
				seq, rest := leakgateUint([]byte(field))
				n, _ := leakgateUint(rest[1:])
				counts = append(counts, seq<<32|n)
			}
			leakgateSort(counts)
			line = "l " + fields[1]
			for _, count := range counts {
				line += " " + strconv.Itoa(int(count>>32)) + ":" + strconv.Itoa(int(uint32(count)))
			}
		}
		if line != "" {
			lines = append(lines, line)
		}
	}
	return lines, read
}

func (m *madeUp) expect(t *testing.T, ended bool, want ...string) {
	t.Helper()
	if got, _ := m.reads(ended); !reflect.DeepEqual(got, want) {
		t.Errorf("wrote %q, want %q", got, want)
	}
}

func TestAReadingWritesCountsAndWhomTheyAreOf(t *testing.T) {
	m := makeUp()
	m.shows(11, "f")
	m.shows(12, "f")
	m.shows(21, "h")
	m.profiled(1, 1, "f")
	m.profiled(1, 2, "f")
	m.profiled(3, 0, "h") // the baseline's
	m.profiled(1, 2, "h")
	m.expect(t, true, "a ended", "l 0 1:1 2:1", "i 11-12", "l 1 0:3 2:1", "i 21")
}

func TestAReadingWritesWhatDiffersFromTheOneBefore(t *testing.T) {
	m := makeUp()
	m.shows(11, "f")
	goes := m.shows(12, "f")
	m.profiled(1, 1, "f")
	m.profiled(1, 2, "f")
	m.expect(t, false, "a running", "l 0 1:1 2:1", "i 11-12")
	m.expect(t, false, "a running", "l 0")

	goes.goneBy = 5
	m.life.pending = m.life.pending[:1]
	m.shows(13, "f")
	m.shows(14, "f")
	m.profileText = ""
	m.profiled(1, 1, "f")
	m.profiled(2, 3, "f")
	m.expect(t, true, "a ended", "l 0 2:0 3:2", "i 13-14", "j 12")
}

// Between a dump and the profile a goroutine of one test may go where an equal one of another test comes.
func TestTheDumpAfterAReadingSaysWhoHasMoved(t *testing.T) {
	for _, ended := range []bool{false, true} {
		m := makeUp()
		m.shows(11, "f")
		moves, goes := m.shows(12, "f"), m.shows(13, "f")
		m.profiled(3, 1, "f")
		m.readProfile(ended)
		moves.block = &leakgateBlockText{}
		goes.goneBy = 7
		m.readings.dumped()
		if text := string(m.readings.lines.out); !strings.HasSuffix(text, "\nm 12-13\n") || !m.readings.moved {
			t.Errorf("%q", text)
		}
		m.readings.dumped()
		if text := string(m.readings.lines.out); strings.Count(text, "\nm ") != 1 {
			t.Errorf("a later dump says it again: %q", text)
		}
	}
}

// A ticker's loop is caught between two ticks by this dump or that; it is where it was all the same, once nothing else runs.
func TestALoopThatIsCaughtBetweenTwoTicksIsWhereItWas(t *testing.T) {
	for _, before := range []bool{false, true} {
		m := makeUp()
		g := m.shows(11, "f")
		parked, running := g.block, &leakgateBlockText{text: []byte("goroutine 0 [running]:\nf(...)\n\t/x.go:10\n")}
		if before {
			g.block, g.parked, g.busy = running, parked, 1
		}
		m.profiled(1, 1, "f")
		m.readProfile(true)
		g.block, g.parked, g.busy = running, parked, 1
		m.readings.dumped()
		if m.readings.moved {
			t.Errorf("it has moved; caught before the reading: %v", before)
		}
	}
}

func TestWhoRunsIsLeftOutWhileTestsRun(t *testing.T) {
	for _, ended := range []bool{false, true} {
		m := makeUp()
		g := m.shows(11, "f")
		g.parked, g.busy = g.block, 1
		g.block = &leakgateBlockText{text: []byte("goroutine 0 [running]:\nf(...)\n\t/x.go:10\n")}
		m.profiled(1, 1, "f")
		if _, read := m.reads(ended); read != ended {
			t.Errorf("ended: %v, read: %v", ended, read)
		}
	}
}

func TestAStackIsReadAgainUntilItsCountsLeaveNoChoice(t *testing.T) {
	for _, c := range []struct {
		what            string
		none, one, two  int // goroutines of the stack by label
		ended, fits, is bool
	}{
		{"one label", 0, 2, 0, true, true, true},
		{"others have none", 3, 2, 0, true, true, true},
		{"others have none, while tests run", 3, 2, 0, false, true, true},
		{"two labels", 0, 1, 1, true, true, false},
		{"one of both has none", 1, 1, 0, true, true, false},
		{"one has gone", 0, 1, 0, true, false, false},
		{"one has come", 0, 3, 0, true, false, false},
		{"one of the same test has come", 0, 3, 0, false, false, true},
		{"one of another test has come", 0, 2, 1, true, false, false},
		{"there is none", 0, 0, 0, true, false, false},
	} {
		m := makeUp()
		m.shows(11, "f")
		m.shows(12, "f")
		for seq, n := range []int{c.none, c.one, c.two} {
			if n > 0 {
				m.profiled(n, seq, "f")
			}
		}
		m.reads(c.ended)
		if m.readings.misfit == c.fits {
			t.Errorf("%s: fits: %v", c.what, !m.readings.misfit)
		}
		if _, again := m.reads(c.ended); again == c.is {
			t.Errorf("%s: read again: %v", c.what, again)
		}
	}
}

func TestAnotherOfAStackHasAllOfItReadAgain(t *testing.T) {
	m := makeUp()
	m.shows(11, "f")
	m.profiled(1, 1, "f")
	m.expect(t, false, "a running", "l 0 1:1", "i 11")
	m.shows(12, "f")
	m.profiled(1, 2, "f")
	m.expect(t, false, "a running", "l 0 2:1", "i 12")
}

func TestWhatAHeaderShowedIsNotRead(t *testing.T) {
	m := makeUp()
	m.shows(11, "f").label = 1
	m.profiled(1, 1, "f")
	if _, read := m.reads(true); read {
		t.Error("the profile was read")
	}
}

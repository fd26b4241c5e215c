package harness

import (
	"io"
	"testing"
)

// Connections of two kinds, each in two tests: all write loops look the same, and the read loops of one kind. Which of two equal
// connections belongs to which of its tests can't be known, but the two loops of one belong together.
func TestSiblingsTellWhoseLabelItIs(t *testing.T) {
	stack := func(fn string) string { return "net/http." + fn + "(...)\n\t/go/transport.go:9\n" }
	profile := "goroutine profile: total 4\n"
	suspects := []*leakgateSuspect{}
	add := func(id, parent uint64, fn string) {
		text := "goroutine 0 [select]:\n" + stack(fn) + "created by net/http.dial\n\t/go/transport.go:1\n"
		suspects = append(suspects, &leakgateSuspect{id: id, parent: parent, block: &leakgateBlockText{text: []byte(text)}})
	}
	label := func(value, fn string) {
		profile += "1 @ 0x1\n# labels: {\"leakgate\":\"" + value + "\"}\n#\t0x1\tnet/http." + fn + "+0x1\t/go/transport.go:9\n\n"
	}
	parents := map[uint64]string{5: "readIdle", 6: "readOpen", 7: "readIdle", 8: "readOpen"}
	for parent := uint64(5); parent <= 8; parent++ {
		add(10+parent, parent, "write")
	}
	for parent := uint64(8); parent >= 5; parent-- {
		add(20+parent, parent, parents[parent])
	}
	for i, fn := range []string{"readOpen", "readIdle", "readOpen", "readIdle"} {
		test := string(rune('1'+i)) + ":Test"
		label(test, "write")
		label(test, fn)
	}

	s := &leakgateState{
		labels: leakgateFixedProfile(profile),
	}
	s.life.init()
	s.life.pending = suspects
	s.labelFromProfile(true)
	loops := map[uint64]uint32{}
	for _, g := range suspects {
		if open := parents[g.parent] == "readOpen"; g.seq == 0 || open != (g.seq%2 == 1) {
			t.Errorf("a loop of connection %d, %s, went to %d", g.parent, parents[g.parent], g.seq)
		}
		if other, both := loops[g.parent]; both && other != g.seq {
			t.Errorf("the loops of connection %d went to %d and %d", g.parent, other, g.seq)
		}
		loops[g.parent] = g.seq
	}
}

// leakgateFixedProfile is the text of a profile.
type leakgateFixedProfile string

func (leakgateFixedProfile) LeakgateLabel(string) {}
func (leakgateFixedProfile) LeakgateShow(bool)    {}
func (p leakgateFixedProfile) LeakgateProfile(w io.Writer) error {
	_, err := io.WriteString(w, string(p))
	return err
}

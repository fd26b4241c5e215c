package harness

import (
	"io"
	"testing"
)

// Two connections of two tests: their write loops look the same, their read loops do not.
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
	add(11, 5, "write")
	add(12, 6, "write")
	add(13, 6, "readOpen")
	add(14, 5, "readIdle")
	label("1:TestOpen", "write")
	label("2:TestIdle", "write")
	label("1:TestOpen", "readOpen")
	label("2:TestIdle", "readIdle")

	s := &leakgateState{
		label:   func(string) {},
		profile: func(_ string, w io.Writer, _ int) error { _, err := io.WriteString(w, profile); return err },
	}
	s.life.init()
	s.life.pending = suspects
	s.labelFromProfile()
	want := map[uint64]uint32{11: 2, 12: 1, 13: 1, 14: 2}
	for _, g := range suspects {
		if g.seq != want[g.id] {
			t.Errorf("goroutine %d went to %d, want %d", g.id, g.seq, want[g.id])
		}
	}
}

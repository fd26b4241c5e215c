package harness

import (
	"testing"
	"time"
)

func TestWhatEndsSomeTimeAfterItsCloseIsGivenThatTime(t *testing.T) {
	stack := func(function string) *leakgateBlockText {
		return &leakgateBlockText{text: []byte("goroutine 0 [select]:\n" + function + "\n\t/x.go:3\ncreated by y\n\t/y.go:1\n")}
	}
	drain := "github.com/syndtr/goleveldb/leveldb.(*DB).mpoolDrain"
	for function, want := range map[string]time.Duration{
		drain + "(...)":                             1200 * time.Millisecond,
		drain + ".func1(...)":                       0,
		"example.org/x." + drain + "(...)":          0,
		"example.org/leveldb.(*DB).mpoolDrain(...)": 0,
	} {
		if got := stack(function).endsAfter(); got != want {
			t.Errorf("%s: %v", function, got)
		}
	}
	var s leakgateState
	s.life.pending = []*leakgateSuspect{{block: stack(drain + "(...)")}, {block: stack("m.x(...)"), sleep: int64(time.Second)}}
	if d := s.longestEnd(5 * time.Second); d < 1200*time.Millisecond || d > 1400*time.Millisecond {
		t.Errorf("%v", d)
	}
	if d := s.longestEnd(1100 * time.Millisecond); d < time.Second || d > 1100*time.Millisecond {
		t.Errorf("only the sleeper fits: %v", d)
	}
}

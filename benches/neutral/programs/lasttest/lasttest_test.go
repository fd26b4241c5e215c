package lasttest

import (
	"sync/atomic"
	"testing"

	"neutral.test/outcome"
)

func TestMain(m *testing.M) { outcome.Main(m, func() bool { return lost.Load() }) }

func TestFirst(t *testing.T) {}

var lost atomic.Bool

// The package's last test: two goroutines must have a token in hand at the same time, or one of them looks in vain.
func TestLast(t *testing.T) {
	var in atomic.Int32
	both := func() {
		in.Add(1)
		for i := 0; i < 30000; i++ {
			if in.Load() == 2 {
				return
			}
		}
		lost.Store(true)
	}
	go both()
	go both()
}

package counter

import (
	"sync/atomic"
	"testing"

	"neutral.test/outcome"
)

func TestMain(m *testing.M) { outcome.Main(m, func() bool { return early.Load() }) }

func TestFirst(t *testing.T) {}

var hits atomic.Int32
var early atomic.Bool

// The counter is read when the test's functions have returned, which is too early for some of those that count.
func TestCounter(t *testing.T) {
	t.Run("hits", func(t *testing.T) {
		for i := 0; i < 8; i++ {
			go hits.Add(1)
		}
	})
	if hits.Load() != 8 {
		early.Store(true)
	}
}

package subtest

import (
	"sync/atomic"
	"testing"

	"neutral.test/outcome"
)

func TestMain(m *testing.M) { outcome.Main(m, found.Load) }

var stock atomic.Int32
var found atomic.Bool

func TestFirst(t *testing.T) {}

// The shelf is empty if the delivery is slower than the start of the subtest.
func TestDeliver(t *testing.T) {
	go stock.Add(1)
	t.Run("shelf", func(t *testing.T) {
		if stock.Load() != 0 {
			found.Store(true)
		}
	})
}

package overlap

import (
	"sync/atomic"
	"testing"

	"neutral.test/outcome"
)

func TestMain(m *testing.M) { outcome.Main(m, func() bool { return total.Load() != 2*steps }) }

func TestFirst(t *testing.T) {}

const steps = 20000

var total atomic.Int64

// Reading and writing are two steps: what two goroutines do at the same time, on two processors, is lost.
func TestOverlap(t *testing.T) {
	add := func() {
		for i := 0; i < steps; i++ {
			total.Store(total.Load() + 1)
		}
	}
	go add()
	go add()
}

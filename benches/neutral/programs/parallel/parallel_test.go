package parallel

import (
	"strconv"
	"sync/atomic"
	"testing"

	"neutral.test/outcome"
)

func TestMain(m *testing.M) { outcome.Main(m, func() bool { return behind.Load() > 0 }) }

var started, finished, behind atomic.Int32

// Parallel subtests forget to wait for what they start; the next one to end counts how far it is behind.
func TestParallel(t *testing.T) {
	for i := 0; i < 6; i++ {
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			t.Parallel()
			if started.Load()-finished.Load() > 1 {
				behind.Add(1)
			}
			started.Add(1)
			go finished.Add(1)
		})
	}
}

package lockorder

import (
	"sync"
	"sync/atomic"
	"testing"

	"neutral.test/outcome"
)

func TestMain(m *testing.M) { outcome.Main(m, func() bool { return served.Load() != 2 }) }

func TestFirst(t *testing.T) {}

var served atomic.Int32

// Fork and knife in two orders: they wait for each other if both sit down at once.
func TestLockOrder(t *testing.T) {
	var fork, knife sync.Mutex
	eat := func(one, other *sync.Mutex) {
		one.Lock()
		defer one.Unlock()
		for i := 0; i < 2000; i++ {
			_ = i
		}
		other.Lock()
		defer other.Unlock()
		served.Add(1)
	}
	go eat(&fork, &knife)
	go eat(&knife, &fork)
}

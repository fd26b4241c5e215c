package signal

import (
	"sync"
	"sync/atomic"
	"testing"

	"neutral.test/outcome"
)

func TestMain(m *testing.M) { outcome.Main(m, func() bool { return !woken.Load() }) }

func TestFirst(t *testing.T) {}

var woken atomic.Bool

// The signal is lost if it comes before the wait.
func TestSignal(t *testing.T) {
	var mu sync.Mutex
	ready := sync.NewCond(&mu)
	go func() {
		mu.Lock()
		ready.Wait()
		mu.Unlock()
		woken.Store(true)
	}()
	go func() {
		mu.Lock()
		ready.Signal()
		mu.Unlock()
	}()
}

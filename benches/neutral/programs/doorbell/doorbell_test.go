package doorbell

import (
	"sync"
	"sync/atomic"
	"testing"

	"neutral.test/outcome"
)

func TestMain(m *testing.M) { outcome.Main(m, func() bool { return home.Load() != 2 }) }

func TestFirst(t *testing.T) {}

var home atomic.Int32

// The host holds the latch while it waits for the bell; the guest needs the latch to ring. It works if the guest comes first.
func TestDoorbell(t *testing.T) {
	var latch sync.Mutex
	rang := false
	bell := make(chan bool)
	go func() { // the host
		latch.Lock()
		defer latch.Unlock()
		if !rang {
			<-bell
		}
		home.Add(1)
	}()
	go func() { // the guest
		latch.Lock()
		defer latch.Unlock()
		rang = true
		select {
		case bell <- true:
		default:
		}
		home.Add(1)
	}()
}

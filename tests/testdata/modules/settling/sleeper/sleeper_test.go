package sleeper

import (
	"sync/atomic"
	"testing"
	"time"
)

// The sweeper sleeps for longer than settling takes, sees that it is to end, and does.
func TestSweeper(t *testing.T) {
	var closed atomic.Bool
	go func() {
		for !closed.Load() {
			time.Sleep(900 * time.Millisecond)
		}
	}()
	time.Sleep(5 * time.Millisecond)
	closed.Store(true)
}

package handoff

import (
	"sync/atomic"
	"testing"
	"time"

	"neutral.test/outcome"
)

func TestMain(m *testing.M) { outcome.Main(m, dropped.Load) }

var dropped atomic.Bool

// A server that is slow to come up; the test after it offers a job once, and does not wait for a receiver.
func TestServe(t *testing.T) {
	time.Sleep(3 * time.Millisecond)
	go func() {
		for range jobs {
		}
	}()
}

var jobs = make(chan int)

func TestOffer(t *testing.T) {
	select {
	case jobs <- 1:
	default:
		dropped.Store(true)
	}
}

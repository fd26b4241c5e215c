package doneorwork

import (
	"sync/atomic"
	"testing"

	"neutral.test/outcome"
)

func TestMain(m *testing.M) { outcome.Main(m, func() bool { return done.Load() != 4 }) }

func TestFirst(t *testing.T) {}

var done atomic.Int32

// Work is queued when the test says that it is over: the select may take either.
func TestDoneOrWork(t *testing.T) {
	work, over := make(chan int), make(chan bool)
	go func() {
		for {
			select {
			case <-work:
				done.Add(1)
			case <-over:
				return
			}
		}
	}()
	go func() {
		for i := 0; i < 4; i++ {
			select {
			case work <- i:
			case <-over:
				return
			}
		}
	}()
	t.Cleanup(func() { close(over) })
}

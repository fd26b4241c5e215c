// Package late holds a goroutine that ends, but after its test.
package late

import (
	"sync"
	"time"
)

// LeakyShutdown is told to stop, and takes its time.
func LeakyShutdown(grace time.Duration) {
	go linger(grace) // started: 43
}

func linger(grace time.Duration) {
	time.Sleep(grace) // blocked: 43
}

// FixedShutdown returns when it has stopped.
func FixedShutdown(grace time.Duration) {
	var stopping sync.WaitGroup
	stopping.Add(1)
	go func() {
		defer stopping.Done()
		linger(grace)
	}()
	stopping.Wait()
}

// Package late holds a goroutine that ends, but after its test.
package late

import (
	"sync"
	"time"
)

// LeakyShutdown returns when stopping has begun, which then takes its time.
func LeakyShutdown(grace time.Duration) {
	begun := make(chan struct{})
	go linger(grace, begun) // started: 43
	<-begun
}

func linger(grace time.Duration, begun chan<- struct{}) {
	close(begun)
	time.Sleep(grace) // blocked: 43
}

// FixedShutdown returns when it has stopped.
func FixedShutdown(grace time.Duration) {
	var stopping sync.WaitGroup
	stopping.Add(1)
	go func() {
		defer stopping.Done()
		linger(grace, make(chan struct{}))
	}()
	stopping.Wait()
}

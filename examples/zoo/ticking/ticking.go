// Package ticking holds goroutines that a clock keeps alive.
package ticking

import (
	"context"
	"sync"
	"time"
)

// LeakyStats flushes on every tick of a ticker that no code can stop.
func LeakyStats(every time.Duration, flush func()) {
	ticks := time.Tick(every)
	go func() { // started: 09
		for range ticks { // blocked: 09
			flush()
		}
	}()
}

// FixedStats flushes until ctx is cancelled.
func FixedStats(ctx context.Context, every time.Duration, flush func()) *sync.WaitGroup {
	var running sync.WaitGroup
	running.Add(1)
	go func() {
		defer running.Done()
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				flush()
			case <-ctx.Done():
				return
			}
		}
	}()
	return &running
}

// LeakyHeartbeat beats until stopped; but Stop does not close C, so that the loop only falls silent.
func LeakyHeartbeat(every time.Duration, beat func()) (stop func()) {
	ticker := time.NewTicker(every)
	go func() { // started: 10
		for range ticker.C { // blocked: 10
			beat()
		}
	}()
	return ticker.Stop
}

// FixedHeartbeat ends its loop, and then stops the ticker.
func FixedHeartbeat(every time.Duration, beat func()) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	running := FixedStats(ctx, every, beat)
	return func() {
		cancel()
		running.Wait()
	}
}

// LeakyPoll asks again and again, sleeping in between.
func LeakyPoll(pause time.Duration, ready func() bool) {
	go func() { // started: 15
		for !ready() {
			time.Sleep(pause) // blocked: 15
		}
	}()
}

// FixedPoll gives up when ctx is cancelled.
func FixedPoll(ctx context.Context, pause time.Duration, ready func() bool) *sync.WaitGroup {
	var polling sync.WaitGroup
	polling.Add(1)
	go func() {
		defer polling.Done()
		for !ready() {
			timer := time.NewTimer(pause)
			select {
			case <-timer.C:
			case <-ctx.Done():
				timer.Stop()
				return
			}
		}
	}()
	return &polling
}

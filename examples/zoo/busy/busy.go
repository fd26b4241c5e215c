// Package busy holds a goroutine that works without end.
package busy

import (
	"context"
	"sync"
	"sync/atomic"
)

var hashes atomic.Uint64

func hash(n uint64) uint64 {
	for i := 0; i < 1000; i++ {
		n = n*6364136223846793005 + 1442695040888963407
	}
	return n
}

// LeakyMine looks for a hash that it never finds.
func LeakyMine(seed uint64) {
	go mine(seed) // started: 14
}

func mine(n uint64) {
	for {
		n = hash(n)
		hashes.Add(n & 1)
	}
}

// FixedMine gives up when ctx is cancelled.
func FixedMine(ctx context.Context, seed uint64) *sync.WaitGroup {
	var mining sync.WaitGroup
	mining.Add(1)
	go func() {
		defer mining.Done()
		for n := seed; ctx.Err() == nil; {
			n = hash(n)
			hashes.Add(n & 1)
		}
	}()
	return &mining
}

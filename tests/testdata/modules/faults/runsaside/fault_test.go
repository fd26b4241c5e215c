package runsaside

import (
	"testing"
	"time"
)

// Tests and benchmarks that a goroutine runs, and that never end.
func TestSubtestAside(t *testing.T) {
	go t.Run("never", func(t *testing.T) { <-make(chan int) })
	time.Sleep(50 * time.Millisecond)
}

func TestBenchmarkAside(t *testing.T) {
	go testing.Benchmark(func(b *testing.B) { <-make(chan int) })
	time.Sleep(50 * time.Millisecond)
}

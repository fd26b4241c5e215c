// Package pausedends: TestEarly waits for its turn all the time that TestSequential runs.
package pausedends

import (
	"testing"
	"time"
)

func park() {}

func TestEarly(t *testing.T) {
	t.Parallel()
	time.Sleep(5 * time.Millisecond)
}

func TestSequential(t *testing.T) {
	time.AfterFunc(5*time.Millisecond, park)
	time.Sleep(30 * time.Millisecond)
}

func TestLater(t *testing.T) { time.Sleep(5 * time.Millisecond) }

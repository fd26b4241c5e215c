// Package unresumed: a subtest that go paused and never resumed, as nothing waits for it.
package unresumed

import (
	"testing"
	"time"
)

func TestParent(t *testing.T) {
	go t.Run("lost", func(t *testing.T) {
		time.Sleep(20 * time.Millisecond) // its parent has ended then
		t.Parallel()
	})
	time.Sleep(5 * time.Millisecond)
}

func TestAfter(t *testing.T) { time.Sleep(50 * time.Millisecond) }

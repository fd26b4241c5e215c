package panicsatlast

import (
	"testing"
	"time"
)

// The last test has ended by then, and go alone would be gone.
func TestLeavesIt(t *testing.T) {
	go func() {
		time.Sleep(100 * time.Millisecond)
		panic("at last")
	}()
}

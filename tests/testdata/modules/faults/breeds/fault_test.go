package breeds

import (
	"testing"
	"time"
)

func breed() {
	for {
		go func() {}()
		time.Sleep(time.Millisecond)
	}
}

// A goroutine that never ends and starts others that do.
func TestBreeds(t *testing.T) { go breed() }

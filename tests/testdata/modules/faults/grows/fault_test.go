package grows

import (
	"testing"
	"time"
)

func stay(never chan int) { <-never }

func grow(never chan int) {
	for {
		go stay(never)
		time.Sleep(5 * time.Millisecond)
	}
}

// A goroutine that never ends and starts others that do not end either.
func TestGrows(t *testing.T) { go grow(make(chan int)) }

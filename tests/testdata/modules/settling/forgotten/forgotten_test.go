package forgotten

import (
	"testing"
	"time"
)

// The same without an end.
func TestForgotten(t *testing.T) {
	go func() {
		for {
			time.Sleep(700 * time.Millisecond)
		}
	}()
}

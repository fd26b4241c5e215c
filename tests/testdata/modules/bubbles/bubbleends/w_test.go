// Package bubbleends: what a bubble starts ends before its root does.
package bubbleends

import (
	"testing"
	"testing/synctest"
)

func TestFine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		done := make(chan int)
		go func() { <-done }()
		close(done)
	})
}

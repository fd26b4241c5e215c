package panics

import "testing"

func TestLeakThenPanic(t *testing.T) {
	never := make(chan int)
	go func() { <-never }()
	panic("boom")
}

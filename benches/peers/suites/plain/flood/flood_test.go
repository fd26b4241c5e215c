package flood

import "testing"

// A hundred thousand goroutines, left by one test.
func TestFlood(t *testing.T) {
	never := make(chan struct{})
	for i := 0; i < 100000; i++ {
		go func() { <-never }()
	}
}

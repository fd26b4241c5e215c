// Package equal: tests leave equal goroutines, and who started them is gone: only labels tell them apart.
package equal

import "testing"

var never = make(chan int)

func start(n int) {
	for i := 0; i < n; i++ {
		gone := make(chan int)
		go func() {
			go func() { <-never }()
			close(gone)
		}()
		<-gone
	}
}

func TestOne(t *testing.T)  { start(1) }
func TestNone(t *testing.T) { start(0) }
func TestTwo(t *testing.T)  { start(2) }

func TestMany(t *testing.T) {
	for name, n := range map[string]int{"a": 1, "b": 0, "c": 3} {
		n := n
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start(n)
		})
	}
}

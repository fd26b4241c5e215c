// Package equalends: the goroutines of equal end with their tests.
package equalends

import "testing"

func start(t *testing.T, n int) {
	end := make(chan int)
	t.Cleanup(func() { close(end) })
	for i := 0; i < n; i++ {
		gone := make(chan int)
		go func() {
			go func() { <-end }()
			close(gone)
		}()
		<-gone
	}
}

func TestOne(t *testing.T)  { start(t, 1) }
func TestNone(t *testing.T) { start(t, 0) }
func TestTwo(t *testing.T)  { start(t, 2) }

func TestMany(t *testing.T) {
	for name, n := range map[string]int{"a": 1, "b": 0, "c": 3} {
		n := n
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start(t, n)
		})
	}
}

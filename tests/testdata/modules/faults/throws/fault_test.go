package throws

import "testing"

// A fatal error of the runtime, which nothing recovers.
func TestThrows(t *testing.T) {
	m := map[int]int{}
	go func() {
		for {
			m[1]++
		}
	}()
	for {
		m[2]++
	}
}

package deep

import "testing"

func down(n int, never chan int) int {
	if n == 0 {
		return <-never
	}
	return down(n-1, never) + 1
}

func TestDeep(t *testing.T) {
	never := make(chan int)
	go down(1_000_000, never)
}

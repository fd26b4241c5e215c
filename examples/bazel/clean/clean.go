// Package clean ends what it starts.
package clean

// Sum adds in the background and waits.
func Sum(a, b int) int {
	sums := make(chan int)
	go func() { sums <- a + b }()
	return <-sums
}

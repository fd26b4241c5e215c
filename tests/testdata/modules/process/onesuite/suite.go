// Package onesuite has a suite that runs once in a process and in no order of go's, as those of ginkgo do.
package onesuite

// Feed starts a goroutine that sends two numbers.
func Feed() <-chan int {
	out := make(chan int)
	go func() {
		out <- 1
		out <- 2
	}()
	return out
}

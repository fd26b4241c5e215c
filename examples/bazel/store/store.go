// Package store asks for a value in the background.
package store

// Ask starts the question and gives the channel for its answer, which must be received.
func Ask() <-chan int {
	answers := make(chan int)
	go func() { answers <- 42 }()
	return answers
}

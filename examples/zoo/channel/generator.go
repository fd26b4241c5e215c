package channel

import (
	"context"
	"math/rand"
	"sync"
)

// LeakyNumbers generates 0, 1, 2, … for as long as its values are received, and then waits.
func LeakyNumbers() <-chan int {
	numbers := make(chan int)
	go func() { // started: 06
		for n := 0; ; n++ {
			numbers <- n // blocked: 06
		}
	}()
	return numbers
}

// FixedNumbers stops, and closes its channel, when ctx is cancelled.
func FixedNumbers(ctx context.Context) <-chan int {
	numbers := make(chan int)
	go func() {
		defer close(numbers)
		for n := 0; ; n++ {
			select {
			case numbers <- n:
			case <-ctx.Done():
				return
			}
		}
	}()
	return numbers
}

// LeakyRandom is the stream of random numbers that its consumer can't turn off.
func LeakyRandom() <-chan int {
	stream := make(chan int)
	go func() { // started: 07
		defer close(stream)
		for {
			stream <- rand.Int() // blocked: 07
		}
	}()
	return stream
}

// FixedRandom ends when done is closed.
func FixedRandom(done <-chan struct{}, ended *sync.WaitGroup) <-chan int {
	stream := make(chan int)
	ended.Add(1)
	go func() {
		defer ended.Done()
		defer close(stream)
		for {
			select {
			case stream <- rand.Int():
			case <-done:
				return
			}
		}
	}()
	return stream
}

// LeakyAudit queues records for a writer that has gone away; the queue is full after two.
func LeakyAudit(records []string) <-chan string {
	queue := make(chan string, 2)
	go func() { // started: 08
		for _, record := range records {
			queue <- record // blocked: 08
		}
	}()
	return queue
}

// FixedAudit has room for all records, and says when they are queued.
func FixedAudit(records []string) <-chan string {
	queue := make(chan string, len(records))
	queued := make(chan struct{})
	go func() {
		defer close(queued)
		for _, record := range records {
			queue <- record
		}
	}()
	<-queued
	return queue
}

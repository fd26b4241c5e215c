// Package selects holds goroutines whose select never finds a ready case.
package selects

import (
	"sync"
	"time"
)

// LeakyFibonacci sends Fibonacci numbers until quit is closed, which its caller forgets.
func LeakyFibonacci() (numbers <-chan int, quit chan<- struct{}) {
	out, stop := make(chan int), make(chan struct{})
	go fibonacci(out, stop) // started: 11
	return out, stop
}

func fibonacci(out chan<- int, quit <-chan struct{}) {
	a, b := 0, 1
	for {
		select { // blocked: 11
		case out <- a:
			a, b = b, a+b
		case <-quit:
			return
		}
	}
}

// FixedFibonacci returns the numbers and the function that stops them.
func FixedFibonacci() (numbers <-chan int, stop func()) {
	out, quit, stopped := make(chan int), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		fibonacci(out, quit)
	}()
	return out, func() {
		close(quit)
		<-stopped
	}
}

// LeakyAwait waits for an acknowledgement, however long that takes.
func LeakyAwait(acks <-chan string, done func(string)) {
	go func() { // started: 12
		select {
		case ack := <-acks: // blocked: 12
			done(ack)
		}
	}()
}

// FixedAwait waits no longer than patience.
func FixedAwait(acks <-chan string, patience time.Duration, done func(string)) *sync.WaitGroup {
	var waiting sync.WaitGroup
	waiting.Add(1)
	go func() {
		defer waiting.Done()
		select {
		case ack := <-acks:
			done(ack)
		case <-time.After(patience):
			done("")
		}
	}()
	return &waiting
}

// LeakyKeepAlive holds a session open by never returning.
func LeakyKeepAlive(open func()) {
	go func() { // started: 13
		open()
		select {} // blocked: 13
	}()
}

// FixedKeepAlive holds it open until it gets the signal to stop.
func FixedKeepAlive(open func(), stop <-chan struct{}) *sync.WaitGroup {
	var session sync.WaitGroup
	session.Add(1)
	go func() {
		defer session.Done()
		open()
		<-stop
	}()
	return &session
}

// LeakyMerge selects on channels that it makes only when there is something to merge.
func LeakyMerge(lists ...[]int) {
	var left, right chan int
	if len(lists) == 2 {
		panic("not in this case")
	}
	go func() { // started: 63
		select { // blocked: 63
		case <-left:
		case <-right:
		}
	}()
}

// FixedMerge makes the channels, and says when there is nothing.
func FixedMerge() <-chan struct{} {
	left, right, ended := make(chan int), make(chan int), make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case <-left:
		case <-right:
		}
	}()
	close(left)
	return ended
}

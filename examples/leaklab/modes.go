package main

import (
	"sort"
	"sync"
	"time"
)

// A mode starts goroutines and returns what its author believes to stop them.
type mode func(n int) (stop func())

var modes = map[string]mode{
	"leak-recv":   leakReceive,
	"fix-recv":    fixReceive,
	"leak-send":   leakSend,
	"fix-send":    fixSend,
	"leak-ticker": leakTicker,
	"fix-ticker":  fixTicker,
}

func modeNames() []string {
	names := make([]string, 0, len(modes))
	for name := range modes {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// ballast is what a goroutine holds on to: a leaked one keeps it from the garbage collector.
func ballast() []byte { return make([]byte, 1024) }

// leakReceive starts readers of a channel without a sender, which is never closed.
func leakReceive(n int) (stop func()) {
	work := make(chan int)
	for i := 0; i < n; i++ {
		go receive(work, ballast())
	}
	return func() {}
}

// fixReceive closes the channel, and waits for the readers.
func fixReceive(n int) (stop func()) {
	work := make(chan int)
	var reading sync.WaitGroup
	for i := 0; i < n; i++ {
		reading.Add(1)
		go func(held []byte) {
			defer reading.Done()
			receive(work, held)
		}(ballast())
	}
	return func() {
		close(work)
		reading.Wait()
	}
}

func receive(work <-chan int, held []byte) {
	for job := range work {
		held[job%len(held)]++
	}
}

// leakSend starts senders to a channel without buffer that is never read.
func leakSend(n int) (stop func()) {
	results := make(chan []byte)
	for i := 0; i < n; i++ {
		go send(results, ballast())
	}
	return func() {}
}

// fixSend reads every result, and waits for the senders.
func fixSend(n int) (stop func()) {
	results := make(chan []byte)
	var sending sync.WaitGroup
	for i := 0; i < n; i++ {
		sending.Add(1)
		go func(result []byte) {
			defer sending.Done()
			send(results, result)
		}(ballast())
	}
	return func() {
		for i := 0; i < n; i++ {
			<-results
		}
		sending.Wait()
	}
}

func send(results chan<- []byte, result []byte) {
	results <- result
}

// leakTicker stops the ticker, which does not end the loop over its channel.
func leakTicker(int) (stop func()) {
	ticker := time.NewTicker(10 * time.Millisecond)
	go func() {
		for range ticker.C {
			_ = ballast()
		}
	}()
	return ticker.Stop
}

// fixTicker ends the loop, which then stops the ticker.
func fixTicker(int) (stop func()) {
	done := make(chan struct{})
	var ticking sync.WaitGroup
	ticking.Add(1)
	go func() {
		defer ticking.Done()
		ticker := time.NewTicker(10 * time.Millisecond)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				_ = ballast()
			case <-done:
				return
			}
		}
	}()
	return func() {
		close(done)
		ticking.Wait()
	}
}

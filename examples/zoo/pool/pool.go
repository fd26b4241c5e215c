// Package pool holds goroutines that are started in a loop.
package pool

import (
	"context"
	"errors"
	"sync"
	"time"
)

var errBusy = errors.New("busy")

// LeakyRetry asks up to attempts times, and waits for each answer no longer than patience. An attempt that is given up
// keeps its goroutine.
func LeakyRetry(attempts int, patience time.Duration, call func() string) (string, error) {
	for i := 0; i < attempts; i++ {
		answer := make(chan string)
		go func() { // started: 31
			answer <- call() // blocked: 31
		}()
		select {
		case text := <-answer:
			return text, nil
		case <-time.After(patience):
		}
	}
	return "", errBusy
}

// FixedRetry gives each attempt a context of its own, and waits until it has ended.
func FixedRetry(attempts int, patience time.Duration, call func(context.Context) string) (string, error) {
	for i := 0; i < attempts; i++ {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		answer := make(chan string, 1)
		go func() {
			answer <- call(ctx)
		}()
		text := <-answer
		cancel()
		if text != "" {
			return text, nil
		}
	}
	return "", errBusy
}

// LeakyResize hands pictures to workers; the channel of jobs stays open.
func LeakyResize(pictures []string, workers int, resize func(string)) {
	jobs := make(chan string)
	var resized sync.WaitGroup
	resized.Add(len(pictures))
	for i := 0; i < workers; i++ {
		go func() { // started: 32
			for job := range jobs { // blocked: 32
				resize(job)
				resized.Done()
			}
		}()
	}
	for _, picture := range pictures {
		jobs <- picture
	}
	resized.Wait()
}

// FixedResize closes the channel, and waits for the workers.
func FixedResize(pictures []string, workers int, resize func(string)) {
	jobs := make(chan string)
	var working sync.WaitGroup
	for i := 0; i < workers; i++ {
		working.Add(1)
		go func() {
			defer working.Done()
			for job := range jobs {
				resize(job)
			}
		}()
	}
	for _, picture := range pictures {
		jobs <- picture
	}
	close(jobs)
	working.Wait()
}

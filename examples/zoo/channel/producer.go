package channel

import (
	"errors"
	"strings"
	"sync"
)

var errMalformed = errors.New("malformed line")

// parse sends the words of each line, and gives up at the first malformed one.
func parse(lines []string, words chan<- string) error {
	for _, line := range lines {
		if strings.HasPrefix(line, "#!") {
			return errMalformed
		}
		for _, word := range strings.Fields(line) {
			words <- word
		}
	}
	return nil
}

// LeakyCount counts words. The producer closes the channel only when all went well.
func LeakyCount(lines []string, count func(string)) error {
	words := make(chan string)
	go func() { // started: 02
		for word := range words { // blocked: 02
			count(word)
		}
	}()
	if err := parse(lines, words); err != nil {
		return err
	}
	close(words)
	return nil
}

// FixedCount closes the channel on every path, and waits for the consumer.
func FixedCount(lines []string, count func(string)) error {
	words := make(chan string)
	counted := make(chan struct{})
	go func() {
		defer close(counted)
		for word := range words {
			count(word)
		}
	}()
	err := func() error {
		defer close(words)
		return parse(lines, words)
	}()
	<-counted
	return err
}

// LeakyMerge merges two sources. Neither closes the channel, because the other may still be sending.
func LeakyMerge(a, b []string, sink func(string)) {
	merged := make(chan string)
	var sent sync.WaitGroup
	for _, source := range [][]string{a, b} {
		sent.Add(1)
		go func(source []string) {
			defer sent.Done()
			for _, item := range source {
				merged <- item
			}
		}(source)
	}
	go drain(merged, sink) // started: 03
	sent.Wait()
}

// FixedMerge has one coordinator that closes the channel when both are done.
func FixedMerge(a, b []string, sink func(string)) {
	merged := make(chan string)
	var sent, drained sync.WaitGroup
	for _, source := range [][]string{a, b} {
		sent.Add(1)
		go func(source []string) {
			defer sent.Done()
			for _, item := range source {
				merged <- item
			}
		}(source)
	}
	drained.Add(1)
	go func() {
		defer drained.Done()
		drain(merged, sink)
	}()
	sent.Wait()
	close(merged)
	drained.Wait()
}

func drain(items <-chan string, sink func(string)) {
	for item := range items { // blocked: 03
		sink(item)
	}
}

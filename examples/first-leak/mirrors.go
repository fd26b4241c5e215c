// Package mirrors downloads a file from whichever mirror answers first.
package mirrors

import (
	"context"
	"sync"
)

// A Mirror fetches a file by name.
type Mirror func(ctx context.Context, name string) (string, error)

type answer struct {
	body string
	err  error
}

// Fastest asks every mirror at once and returns the first answer.
//
// No goroutine takes the answers of the losers: each of them waits in its send for ever.
func Fastest(ctx context.Context, name string, mirrors []Mirror) (string, error) {
	answers := make(chan answer)
	for _, fetch := range mirrors {
		go func(fetch Mirror) {
			body, err := fetch(ctx, name)
			answers <- answer{body, err}
		}(fetch)
	}
	first := <-answers
	return first.body, first.err
}

// FastestFixed gives every answer a place in the channel, so that no mirror needs a reader to finish; it tells the
// losers to stop, and returns when they have.
func FastestFixed(ctx context.Context, name string, mirrors []Mirror) (string, error) {
	ctx, cancel := context.WithCancel(ctx)
	answers := make(chan answer, len(mirrors))
	var running sync.WaitGroup
	for _, fetch := range mirrors {
		running.Add(1)
		go func(fetch Mirror) {
			defer running.Done()
			body, err := fetch(ctx, name)
			answers <- answer{body, err}
		}(fetch)
	}
	first := <-answers
	cancel()
	running.Wait()
	return first.body, first.err
}

// Package leaks leaves a goroutine behind in one of two tests.
package leaks

import "testing"

func TestLeaks(t *testing.T) {
	t.Parallel()
	answers := make(chan int)
	go func() { answers <- 1 }()
}

func TestClean(t *testing.T) {
	t.Parallel()
	done := make(chan int)
	go func() { close(done) }()
	<-done
}

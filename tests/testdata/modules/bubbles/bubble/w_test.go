// Package bubble: the root of a bubble returns, what it started stays.
package bubble

import (
	"testing"
	"testing/synctest"
	"time"
)

func sweep() {
	for {
		time.Sleep(time.Hour)
		<-make(chan int)
	}
}

func TestFine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { time.Sleep(time.Second) })
}

func TestLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		go sweep()
		time.Sleep(2 * time.Hour)
	})
}

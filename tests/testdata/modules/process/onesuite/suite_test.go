package onesuite

import (
	"flag"
	"testing"
)

var runs int

var specs = []func(){func() { <-Feed() }}

func TestSuite(t *testing.T) {
	runs++
	flag.Visit(func(given *flag.Flag) {
		if given.Name == "test.parallel" || runs > 1 {
			t.Fatal("a suite runs once, without -parallel")
		}
	})
	for _, spec := range specs {
		done := make(chan int)
		go func() { spec(); close(done) }()
		<-done
	}
}

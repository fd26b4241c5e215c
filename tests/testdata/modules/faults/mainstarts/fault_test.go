package mainstarts

import (
	"os"
	"testing"
)

var never, stop = make(chan int), make(chan int)

// What TestMain starts is no test's.
func TestMain(m *testing.M) {
	go func() { <-never }()
	go func() { <-stop }()
	code := m.Run()
	close(stop)
	os.Exit(code)
}

func TestClean(t *testing.T) {}

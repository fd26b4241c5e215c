package serverleaks

import (
	"os"
	"testing"
)

var asks = make(chan int)

// A server of TestMain starts what the last test asks for, a moment after the test has ended.
func TestMain(m *testing.M) {
	go func() {
		for range asks {
			go func() { select {} }()
		}
	}()
	os.Exit(m.Run())
}

func TestAsks(t *testing.T) { asks <- 1 }

package poller

import (
	"os"
	"testing"
	"time"
)

// The poller starts short tasks all the time: one of them is there whenever one looks.
func TestMain(m *testing.M) {
	go func() {
		for {
			go time.Sleep(60 * time.Millisecond)
			time.Sleep(50 * time.Millisecond)
		}
	}()
	time.Sleep(10 * time.Millisecond)
	os.Exit(m.Run())
}

func TestClean(t *testing.T) { time.Sleep(70 * time.Millisecond) }

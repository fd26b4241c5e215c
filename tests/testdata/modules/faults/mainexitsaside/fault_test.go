package mainexitsaside

import (
	"os"
	"testing"
	"time"
)

// A goroutine of TestMain ends the process, in order, while tests run.
func TestMain(m *testing.M) {
	go func() {
		time.Sleep(100 * time.Millisecond)
		os.Exit(0)
	}()
	os.Exit(m.Run())
}

func TestStays(t *testing.T) { time.Sleep(10 * time.Second) }

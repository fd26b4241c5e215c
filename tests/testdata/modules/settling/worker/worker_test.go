package worker

import (
	"os"
	"testing"
	"time"
)

var jobs = make(chan func())

func TestMain(m *testing.M) {
	go func() {
		for job := range jobs {
			job()
		}
	}()
	time.Sleep(10 * time.Millisecond)
	os.Exit(m.Run())
}

// The job is at work when the test ends, and leaves a goroutine behind.
func TestJob(t *testing.T) {
	jobs <- func() {
		for start := time.Now(); time.Since(start) < 30*time.Millisecond; {
		}
		go func() { select {} }()
	}
}

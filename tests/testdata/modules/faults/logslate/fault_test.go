package logslate

import (
	"testing"
	"time"
)

// What is logged after a test goes to the log of all tests, as long as some run.
func TestLogsLate(t *testing.T) {
	go func() {
		time.Sleep(50 * time.Millisecond)
		t.Log("late")
	}()
}

func TestNext(t *testing.T) { time.Sleep(100 * time.Millisecond) }

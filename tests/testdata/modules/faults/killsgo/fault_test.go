package killsgo

import (
	"os"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// The test ends the go command above it: the way an out-of-memory killer or a CI agent does.
func TestKillsGo(t *testing.T) {
	number, err := strconv.Atoi(os.Getenv("KILL"))
	if err != nil {
		t.Skip("needs KILL")
	}
	// First go must have heard that a test runs.
	time.Sleep(500 * time.Millisecond)
	syscall.Kill(os.Getppid(), syscall.Signal(number))
	time.Sleep(10 * time.Second)
}

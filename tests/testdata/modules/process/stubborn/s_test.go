// Package stubborn has a test that hears neither SIGINT nor SIGQUIT.
package stubborn

import (
	"os"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"example.com/process/began"
)

func TestStubborn(t *testing.T) {
	signal.Ignore(os.Interrupt, syscall.SIGQUIT)
	began.Tell()
	time.Sleep(5 * time.Minute)
}

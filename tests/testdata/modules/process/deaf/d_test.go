// Package deaf has a test that does not hear SIGINT.
package deaf

import (
	"os"
	"os/signal"
	"testing"
	"time"

	"example.com/process/began"
)

func TestDeaf(t *testing.T) {
	signal.Ignore(os.Interrupt)
	began.Tell()
	time.Sleep(5 * time.Minute)
}

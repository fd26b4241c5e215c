// Package pause has a test that takes three seconds.
package pause

import (
	"testing"
	"time"

	"example.com/process/began"
)

func TestPause(t *testing.T) {
	began.Tell()
	time.Sleep(3 * time.Second)
}

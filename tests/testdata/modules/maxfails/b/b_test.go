// Package b takes ten minutes.
package b

import (
	"testing"
	"time"
)

func TestSlow(t *testing.T) {
	time.Sleep(10 * time.Minute)
}

// Package hang has a test that does not end by itself.
package hang

import (
	"testing"
	"time"

	"example.com/process/began"
)

func TestFirst(t *testing.T) {}

func TestHang(t *testing.T) {
	began.Tell()
	time.Sleep(5 * time.Minute)
}

package exitsatlast

import (
	"os"
	"testing"
	"time"
)

func TestLeavesIt(t *testing.T) {
	go func() {
		time.Sleep(100 * time.Millisecond)
		os.Exit(0)
	}()
}

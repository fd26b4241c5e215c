package fdreplaced

import (
	"os"
	"syscall"
	"testing"
)

// The descriptor itself is replaced for good, as daemons do.
func TestReplacesFd(t *testing.T) {
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Dup3(int(null.Fd()), 1, 0); err != nil {
		t.Fatal(err)
	}
}

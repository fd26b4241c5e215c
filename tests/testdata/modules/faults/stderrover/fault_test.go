package stderrover

import (
	"syscall"
	"testing"
)

// Standard output goes where standard error goes: to go, as before.
func TestPutsStderrOverStdout(t *testing.T) {
	if err := syscall.Dup3(2, 1, 0); err != nil {
		t.Fatal(err)
	}
}

func TestLeaks(t *testing.T) {
	never := make(chan int)
	go func() { <-never }()
}

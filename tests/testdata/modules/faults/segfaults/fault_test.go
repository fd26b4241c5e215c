package segfaults

import (
	"syscall"
	"testing"
)

func TestSegfaults(t *testing.T) {
	syscall.Kill(syscall.Getpid(), syscall.SIGSEGV)
	select {}
}

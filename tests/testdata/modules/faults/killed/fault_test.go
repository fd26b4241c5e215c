package killed

import (
	"syscall"
	"testing"
)

func TestKilled(t *testing.T) {
	syscall.Kill(syscall.Getpid(), syscall.SIGKILL)
	select {}
}

package reexec

import (
	"os"
	"os/exec"
	"testing"
)

// TestMain runs the tests in a child of its own (a sandbox, another user) and never itself.
func TestMain(m *testing.M) {
	if os.Getenv("NESTED") == "1" {
		os.Exit(m.Run())
	}
	cmd := exec.Command(os.Args[0], os.Args[1:]...)
	cmd.Env = append(os.Environ(), "NESTED=1")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if cmd.Run() != nil {
		os.Exit(1)
	}
}

func TestLeaks(t *testing.T) {
	never := make(chan int)
	go func() { <-never }()
}

package mainreexecs

import (
	"os"
	"os/exec"
	"testing"
)

// TestMain tries the tests in a child first, then runs them itself.
func TestMain(m *testing.M) {
	if os.Getenv("NESTED") != "1" {
		cmd := exec.Command(os.Args[0], os.Args[1:]...)
		cmd.Env = append(os.Environ(), "NESTED=1")
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		if cmd.Run() != nil {
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

func TestLeaksInside(t *testing.T) {
	if os.Getenv("NESTED") == "1" {
		never := make(chan int)
		go func() { <-never }()
	}
}

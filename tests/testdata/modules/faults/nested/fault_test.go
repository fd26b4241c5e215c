package nested

import (
	"os"
	"os/exec"
	"testing"
)

// The binary runs itself with all its flags, and its output goes where this one's goes.
func TestRunsItself(t *testing.T) {
	if os.Getenv("NESTED") == "1" {
		never := make(chan int)
		go func() { <-never }()
		return
	}
	cmd := exec.Command(os.Args[0], os.Args[1:]...)
	cmd.Env = append(os.Environ(), "NESTED=1")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
}

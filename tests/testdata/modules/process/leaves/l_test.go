// Package leaves has a test that leaves a process behind.
package leaves

import (
	"os"
	"os/exec"
	"strconv"
	"testing"
)

func TestLeaves(t *testing.T) {
	command := exec.Command("sleep", "300")
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(os.Getenv("BEGAN"), []byte(strconv.Itoa(command.Process.Pid)), 0o600); err != nil {
		t.Fatal(err)
	}
}

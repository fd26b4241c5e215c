package childholds

import (
	"os"
	"os/exec"
	"testing"
)

// A child that lives longer than the tests holds their output open.
func TestLeavesAChild(t *testing.T) {
	cmd := exec.Command("/bin/sleep", "3")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
}

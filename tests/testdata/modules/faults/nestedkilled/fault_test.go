package nestedkilled

import (
	"os"
	"os/exec"
	"testing"
	"time"
)

// The nested one never gets to its end; this one does.
func TestKillsItself(t *testing.T) {
	if os.Getenv("NESTED") == "1" {
		time.Sleep(time.Minute)
	}
	cmd := exec.Command(os.Args[0], os.Args[1:]...)
	cmd.Env = append(os.Environ(), "NESTED=1")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(200 * time.Millisecond)
	cmd.Process.Kill()
	cmd.Wait()
}

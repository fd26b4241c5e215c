package nestedcaptured

import (
	"os"
	"os/exec"
	"testing"
)

// The nested one has all the flags and leaks; its output, records too, comes out again as a log of this one.
func TestRunsItselfQuietly(t *testing.T) {
	if os.Getenv("NESTED") == "1" {
		never := make(chan int)
		go func() { <-never }()
		return
	}
	cmd := exec.Command(os.Args[0], os.Args[1:]...)
	cmd.Env = append(os.Environ(), "NESTED=1")
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	os.Stdout.Write(out)
	if err != nil {
		t.Fatal(err)
	}
}

package helperprocess

import (
	"os"
	"os/exec"
	"testing"
)

// The common way: the test runs its own binary for one test, which ends it.
func TestRunsHelper(t *testing.T) {
	cmd := exec.Command(os.Args[0], "-test.run=TestHelperProcess", "--", "some", "args")
	cmd.Env = append(os.Environ(), "WANT_HELPER=1")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
}

func TestHelperProcess(t *testing.T) {
	if os.Getenv("WANT_HELPER") == "1" {
		never := make(chan int)
		go func() { <-never }()
		os.Stdout.WriteString("helper says hello\n")
		os.Exit(0)
	}
}

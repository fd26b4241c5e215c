// Package wrapped starts itself again, as the test binaries of rules_go do, and hands on what its child prints.
package wrapped

import (
	"io"
	"os"
	"os/exec"
	"testing"
)

func init() {
	if os.Getenv("WRAPPED") == "1" {
		return
	}
	cmd := exec.Command(os.Args[0], os.Args[1:]...)
	cmd.Env = append(os.Environ(), "WRAPPED=1")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		panic(err)
	}
	if err := cmd.Start(); err != nil {
		panic(err)
	}
	io.Copy(os.Stdout, out)
	if cmd.Wait() != nil {
		os.Exit(1)
	}
	os.Exit(0)
}

func TestLeaks(t *testing.T) {
	never := make(chan int)
	go func() { <-never }()
}

// Package child: a worker of TestMain runs a child process for a test while tests end, and leaks afterwards.
package child

import (
	"os"
	"os/exec"
	"testing"
)

var (
	jobs  = make(chan func())
	never = make(chan int)
)

func TestMain(m *testing.M) {
	go func() {
		for job := range jobs {
			job()
		}
	}()
	os.Exit(m.Run())
}

func TestJob(t *testing.T) {
	jobs <- func() {
		exec.Command("sleep", "0.1").Run()
		go func() { <-never }()
	}
}

// Package childends: what the worker starts after its child process ends too.
package childends

import (
	"os"
	"os/exec"
	"testing"
)

var (
	jobs = make(chan func())
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
		go func() {}()
	}
}

//go:build unix

package process

import (
	"io"
	"testing"
)

func TestLeak36CommandNotWaited(t *testing.T) {
	lines := make(chan string, 1)
	filter, err := StartFilter(func(line string) { lines <- line }, "cat")
	if err != nil {
		t.Skip(err)
	}
	_, _ = io.WriteString(filter.In, "hello\n")
	if line := <-lines; line != "hello" {
		t.Errorf("got %q", line)
	}
}

func TestFixed36CommandNotWaited(t *testing.T) {
	lines := make(chan string, 1)
	filter, err := StartFilter(func(line string) { lines <- line }, "cat")
	if err != nil {
		t.Skip(err)
	}
	_, _ = io.WriteString(filter.In, "hello\n")
	if line := <-lines; line != "hello" {
		t.Errorf("got %q", line)
	}
	if err := filter.Close(); err != nil {
		t.Error(err)
	}
}

func TestLeak37SignalNotStopped(t *testing.T) {
	LeakyReload(func() {})
}

func TestFixed37SignalNotStopped(t *testing.T) {
	stop := FixedReload(func() {})
	stop()
}

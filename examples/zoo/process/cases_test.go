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

func TestLeak62BackgroundJob(t *testing.T) {
	if err := LeakyHook(func(error) {}); err != nil {
		t.Skip(err)
	}
}

func TestFixed62BackgroundJob(t *testing.T) {
	ended := make(chan error, 1)
	if err := FixedHook(func(err error) { ended <- err }); err != nil {
		t.Skip(err)
	}
	if err := <-ended; err == nil {
		t.Error("want an error: the output was given up")
	}
}

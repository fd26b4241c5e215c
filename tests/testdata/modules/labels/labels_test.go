// Package labels looks for labels wherever a test can look.
package labels

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"runtime"
	"runtime/pprof"
	"strings"
	"testing"
	"time"
)

// shows fails the test if text names it as a label would.
func shows(t *testing.T, where, text string) {
	t.Helper()
	if strings.Contains(text, ":"+t.Name()) || strings.Contains(text, "# labels: {}") {
		t.Errorf("%s shows a label that the test has not set:\n%s", where, text)
	}
}

func profile(t *testing.T, debug int) string {
	t.Helper()
	var out bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&out, debug); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func unzip(t *testing.T, zipped string) string {
	t.Helper()
	r, err := gzip.NewReader(strings.NewReader(zipped))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestOwnLabelsOnly(t *testing.T) {
	stop := make(chan bool)
	defer close(stop)
	begun := make(chan bool) // profiles of Go 1.21 may miss a goroutine that has not run yet
	wait := func() { begun <- true; <-stop }
	go wait()
	pprof.Do(context.Background(), pprof.Labels("mine", "yes"), func(context.Context) { go wait() })
	<-begun
	<-begun

	text := profile(t, 1)
	if strings.Count(text, "# labels: ") != 1 || !strings.Contains(text, `{"mine":"yes"}`) {
		t.Errorf("one goroutine has a label:\n%s", text)
	}
	shows(t, "a profile", text)
	shows(t, "a binary profile", unzip(t, profile(t, 0)))
}

func TestDump(t *testing.T) {
	t.Setenv("GODEBUG", "tracebacklabels=1")
	buf := make([]byte, 1<<20)
	shows(t, "a dump", string(buf[:runtime.Stack(buf, true)]))
	shows(t, "a profile of stacks", profile(t, 2))
}

func TestCPUProfile(t *testing.T) {
	var out bytes.Buffer
	if err := pprof.StartCPUProfile(&out); err != nil {
		t.Skip(err)
	}
	for start := time.Now(); time.Since(start) < 100*time.Millisecond; {
	}
	pprof.StopCPUProfile()
	shows(t, "a CPU profile", unzip(t, out.String()))
}

// Who started the goroutine that stays was started by the test, and is gone: only the label tells.
func TestLeak(t *testing.T) {
	t.Parallel()
	gone := make(chan bool)
	go func() {
		go func() { select {} }()
		close(gone)
	}()
	<-gone
}

func TestBeside(t *testing.T) {
	t.Parallel()
	time.Sleep(10 * time.Millisecond)
}

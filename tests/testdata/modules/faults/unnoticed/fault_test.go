package unnoticed

import (
	"os"
	"runtime"
	"strings"
	"testing"
)

// Environment, dumps and counts of a test are what they are without the shim.
func TestSeesNothing(t *testing.T) {
	for _, entry := range os.Environ() {
		if strings.Contains(strings.ToLower(entry), "leakgate_shim") || strings.Contains(entry, "tracebacklabels") {
			t.Error(entry)
		}
	}
	if n := runtime.NumGoroutine(); n != 2 {
		t.Errorf("%d goroutines", n)
	}
	buf := make([]byte, 1<<16)
	dump := string(buf[:runtime.Stack(buf, true)])
	for _, line := range strings.Split(dump, "\n") {
		if strings.HasPrefix(line, "goroutine ") && strings.ContainsAny(line, "{}") {
			t.Error(line)
		}
	}
}

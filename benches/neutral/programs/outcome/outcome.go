// Package outcome says how the race of a program went: its tests leave goroutines behind whose order decides.
package outcome

import (
	"os"
	"testing"
	"time"
)

// Main lets what the tests have left run on for as long with leakgate as without, and says whether the bug showed.
func Main(m *testing.M, shown func() bool) {
	code := m.Run()
	time.Sleep(30 * time.Millisecond)
	if shown() {
		os.Stderr.WriteString("OUTCOME shown\n")
	} else {
		os.Stderr.WriteString("OUTCOME hidden\n")
	}
	os.Exit(code)
}

package pipe

import (
	"os"
	"testing"
)

// The copier ends when the collector finds that the write end is garbage, and not before.
func TestPipe(t *testing.T) {
	r, _, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = r.Read(make([]byte, 1)) }()
}

package short

import (
	"testing"

	"example.com/shapes/leak"
)

func TestLeak(t *testing.T) {
	if testing.Short() {
		t.Skip("short")
	}
	leak.Start()
}
func TestClean(t *testing.T) { leak.Once() }

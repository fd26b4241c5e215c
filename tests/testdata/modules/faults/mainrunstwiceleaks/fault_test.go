package mainrunstwiceleaks

import (
	"os"
	"testing"
)

var runs int

func TestMain(m *testing.M) {
	first := m.Run()
	os.Exit(first + m.Run())
}

// Leaks in the second run only; what the first left behind is in the second's baseline.
func TestLeaksLater(t *testing.T) {
	if runs++; runs == 2 {
		never := make(chan int)
		go func() { <-never }()
	}
}

package stdoutswapped

import (
	"os"
	"testing"
)

// The variable is replaced for good; records still go where stdout was.
func TestSwapsStdout(t *testing.T) {
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	os.Stdout, os.Stderr = null, null
}

func TestLeaks(t *testing.T) {
	never := make(chan int)
	go func() { <-never }()
}

package printslong

import (
	"bytes"
	"os"
	"testing"
)

func TestPrintsOneLongLine(t *testing.T) { os.Stdout.Write(bytes.Repeat([]byte("long"), 5_000_000)) }

func TestLeaks(t *testing.T) {
	never := make(chan int)
	go func() { <-never }()
}

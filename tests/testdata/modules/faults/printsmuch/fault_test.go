package printsmuch

import (
	"bytes"
	"os"
	"testing"
)

func TestPrintsMuch(t *testing.T) {
	line := append(bytes.Repeat([]byte("0123456789abcdef"), 64), '\n')
	for i := 0; i < 20_000; i++ {
		os.Stdout.Write(line)
	}
}

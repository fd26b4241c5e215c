package printsbinary

import (
	"os"
	"testing"
)

func TestPrintsBinary(t *testing.T) {
	var all []byte
	for i := 0; i < 3000; i++ {
		all = append(all, byte(i), 0x1e, 0xff, 0, byte(i/256))
	}
	os.Stdout.Write(all)
}

func TestPrintsForTerminals(t *testing.T) {
	os.Stdout.WriteString("\x1b[2J\x1b]0;title\a\x1b]8;;https://example.test\x1b\\link\x1b]8;;\x1b\\\n::error file=a.go::no\n##teamcity[x]\n")
}

func TestLeaks(t *testing.T) {
	never := make(chan int)
	go func() { <-never }()
}

package mainaside

import (
	"os"
	"testing"
)

// m.Run on a goroutine other than the main one.
func TestMain(m *testing.M) {
	code := make(chan int)
	go func() { code <- m.Run() }()
	os.Exit(<-code)
}

func TestClean(t *testing.T) {}

func TestLeaks(t *testing.T) {
	never := make(chan int)
	go func() { <-never }()
}

package mainreturn

import (
	"testing"

	"example.com/shapes/leak"
)

func TestMain(m *testing.M) {
	stop := make(chan bool)
	go func() { <-stop }() // Before any test: background of the whole package.
	m.Run()
	close(stop)
}

func TestLeak(t *testing.T)  { leak.Start() }
func TestClean(t *testing.T) { leak.Once() }

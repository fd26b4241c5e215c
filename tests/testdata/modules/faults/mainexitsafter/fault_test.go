package mainexitsafter

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	m.Run()
	os.Exit(0)
}

func TestLeaks(t *testing.T) {
	never := make(chan int)
	go func() { <-never }()
}

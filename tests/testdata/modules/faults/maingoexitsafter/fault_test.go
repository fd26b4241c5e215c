package maingoexitsafter

import (
	"runtime"
	"testing"
)

func TestMain(m *testing.M) {
	m.Run()
	runtime.Goexit()
}

func TestLeaks(t *testing.T) {
	never := make(chan int)
	go func() { <-never }()
}

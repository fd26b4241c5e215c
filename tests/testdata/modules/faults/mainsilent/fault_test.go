package mainsilent

import (
	"os"
	"testing"
)

// TestMain silences the tests: go hears nothing of them, the shim's records still come.
func TestMain(m *testing.M) {
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		panic(err)
	}
	os.Stdout = null
	os.Exit(m.Run())
}

func TestMayLeak(t *testing.T) {
	if os.Getenv("LEAK") == "" {
		return
	}
	never := make(chan int)
	go func() { <-never }()
}

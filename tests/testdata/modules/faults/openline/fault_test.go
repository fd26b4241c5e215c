package openline

import (
	"fmt"
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	fmt.Print("before, without an end")
	code := m.Run()
	fmt.Print("after, without an end")
	os.Exit(code)
}

func TestOpenLine(t *testing.T) { fmt.Print("in the test, without an end") }

func TestLeaks(t *testing.T) {
	never := make(chan int)
	go func() { <-never }()
	fmt.Print("\x1eleakgate/2 ")
}

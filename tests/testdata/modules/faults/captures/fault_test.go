package captures

import (
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
)

// What a test prints goes into a pipe of its own for a while, also at the level of the descriptor.
func TestCaptures(t *testing.T) {
	out, err := syscall.Dup(1)
	if err != nil {
		t.Fatal(err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Dup3(int(w.Fd()), 1, 0); err != nil {
		t.Fatal(err)
	}
	fmt.Print("captured")
	t.Run("sub", func(t *testing.T) {})
	syscall.Dup3(out, 1, 0)
	syscall.Close(out)
	w.Close()
	if text, err := io.ReadAll(r); err != nil || !strings.Contains(string(text), "captured") {
		t.Errorf("%q, %v", text, err)
	}
}

func TestMayLeak(t *testing.T) {
	if os.Getenv("LEAK") == "" {
		return
	}
	never := make(chan int)
	go func() { <-never }()
}

package finalizer

import (
	"runtime"
	"testing"
)

type handle struct{ self *int }

// The finalizer never ends: no other runs any more.
func TestFinalizer(t *testing.T) {
	h := &handle{new(int)}
	runtime.SetFinalizer(h, func(*handle) {
		for {
		}
	})
}

func TestLeft(t *testing.T) {
	go func() { select {} }()
	stop := make(chan bool)
	go func() { <-stop }()
	t.Log(len(stop))
}

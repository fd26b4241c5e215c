// Package crash: a goroutine two `go` statements away from its test ends the process.
package crash

import "testing"

func start() {
	go func() {
		go func() { panic("two steps away") }()
		select {}
	}()
}

func TestBefore(t *testing.T) {}

func TestCrash(t *testing.T) {
	start()
	select {}
}

// Package twins leaves a goroutine whose equals in other tests have all been stopped. Only labels tell them apart: the one
// that started it is gone.
package twins

import "testing"

// dial starts a loop the way an HTTP transport does.
func dial(stop <-chan struct{}) {
	up := make(chan struct{})
	go func() {
		go loop(stop)
		close(up)
	}()
	<-up
}

func loop(stop <-chan struct{}) { <-stop }

func TestAfterItsTwins(t *testing.T) {
	for i := 0; i < 8; i++ {
		t.Run("stopped", func(t *testing.T) {
			stop := make(chan struct{})
			defer close(stop)
			dial(stop)
			t.Run("look", func(*testing.T) {})
			t.Run("again", func(*testing.T) {})
		})
	}
	dial(make(chan struct{}))
}

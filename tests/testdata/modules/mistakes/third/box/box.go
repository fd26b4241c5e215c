// Package box is a library that works in the background until it is stopped.
package box

// Box has a worker.
type Box struct{ stop chan struct{} }

// New starts the worker.
func New() *Box {
	b := &Box{stop: make(chan struct{})}
	go b.work()
	return b
}

func (b *Box) work() { <-b.stop }

// Stop ends it.
func (b *Box) Stop() { close(b.stop) }

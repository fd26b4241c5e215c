// Package plain holds the suites that the peers check too.
package plain

// Leak leaves one goroutine behind.
func Leak() {
	never := make(chan struct{})
	go func() { <-never }()
}

// Package leaky leaves goroutines behind.
package leaky

// Leak leaves one goroutine behind.
func Leak() {
	never := make(chan struct{})
	go func() { <-never }()
}

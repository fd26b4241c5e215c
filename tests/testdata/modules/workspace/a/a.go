// Package a starts a goroutine that never ends.
package a

// Start leaves a goroutine behind.
func Start() {
	begun := make(chan bool)
	go func() {
		begun <- true
		<-make(chan bool)
	}()
	<-begun
}

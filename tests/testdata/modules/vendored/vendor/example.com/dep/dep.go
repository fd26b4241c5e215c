// Package dep starts a goroutine that never ends.
package dep

// Start leaves a goroutine behind.
func Start() {
	begun := make(chan bool)
	go func() {
		begun <- true
		<-make(chan bool)
	}()
	<-begun
}

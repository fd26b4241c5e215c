// Package leak holds the one goroutine that every package of this module leaks.
package leak

// Start leaves a goroutine behind that waits for ever.
func Start() {
	begun := make(chan bool)
	go wait(begun)
	<-begun
}

// Once starts a goroutine and waits for its end.
func Once() {
	done := make(chan bool)
	go func() { close(done) }()
	<-done
}

func wait(begun chan<- bool) {
	begun <- true
	<-make(chan bool)
}

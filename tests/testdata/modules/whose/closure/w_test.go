package closure

import (
	"testing"
	"time"
)

func TestQuick(t *testing.T) {
	done := make(chan bool)
	Submit(func() { close(done) })
	<-done
}

func TestStuck(t *testing.T) {
	results := make(chan int)
	Submit(func() { results <- 42 })
	time.Sleep(5 * time.Millisecond)
}

package workerends

import "testing"

var done = make(chan bool, 1)

func quick() { done <- true }

func TestQuick(t *testing.T) {
	Submit(quick)
	<-done
}

func TestQuickToo(t *testing.T) {
	Submit(quick)
	<-done
	Stop()
}

package worker

import "testing"

var (
	done  = make(chan bool, 1)
	never = make(chan int)
)

func quick() { done <- true }

func upload() { never <- 1 }

func TestQuick(t *testing.T) {
	Submit(quick)
	<-done
}

func TestStuck(t *testing.T) { Submit(upload) }

func TestOther(t *testing.T) {}

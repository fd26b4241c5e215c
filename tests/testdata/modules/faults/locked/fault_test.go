package locked

import (
	"runtime"
	"testing"
)

func TestLocksThreads(t *testing.T) {
	runtime.LockOSThread()
	never := make(chan int)
	for i := 0; i < 20; i++ {
		go func() {
			runtime.LockOSThread()
			<-never
		}()
	}
}

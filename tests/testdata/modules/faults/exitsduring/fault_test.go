package exitsduring

import (
	"testing"
	"time"
)

// Two thousand goroutines are on their way out while dumps are taken.
func TestManyExit(t *testing.T) {
	stop := make(chan int)
	for i := 0; i < 2000; i++ {
		go func(i int) {
			<-stop
			time.Sleep(time.Duration(i) * time.Microsecond)
		}(i)
	}
	close(stop)
}

func TestClean(t *testing.T) {}

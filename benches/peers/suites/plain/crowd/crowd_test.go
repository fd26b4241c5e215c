package crowd

import (
	"fmt"
	"os"
	"sync"
	"testing"
)

// Ten thousand goroutines live beside a thousand tests, which start and join one each.
func TestMain(m *testing.M) {
	stop := make(chan struct{})
	var crowd sync.WaitGroup
	for i := 0; i < 10000; i++ {
		crowd.Add(1)
		go func() {
			defer crowd.Done()
			<-stop
		}()
	}
	code := m.Run()
	close(stop)
	crowd.Wait()
	os.Exit(code)
}

func TestCrowd(t *testing.T) {
	for i := 0; i < 1000; i++ {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			done := make(chan struct{})
			go close(done)
			<-done
		})
	}
}

package till

import (
	"sync"
	"sync/atomic"
	"testing"

	"neutral.test/outcome"
)

func TestMain(m *testing.M) { outcome.Main(m, func() bool { return !closed.Load() }) }

func TestFirst(t *testing.T) {}

var closed atomic.Bool

// The clerk locks the till for each coin; closing time locks it for as long as the clerk is at work. It works if the clerk
// has taken the coin before.
func TestTill(t *testing.T) {
	var till sync.Mutex
	coins, home := make(chan int, 1), make(chan bool)
	coins <- 5
	sum := 0
	go func() { // the clerk
		defer close(home)
		for coin := range coins {
			till.Lock()
			sum += coin
			till.Unlock()
		}
	}()
	go func() { // closing time
		till.Lock()
		defer till.Unlock()
		close(coins)
		<-home
		closed.Store(true)
	}()
}

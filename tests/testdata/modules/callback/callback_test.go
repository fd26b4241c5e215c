package callback

import (
	"testing"
	"time"

	"github.com/patrickmn/go-cache"
)

func TestStuckInCallback(t *testing.T) {
	gone := make(chan string)
	begun := make(chan bool, 1)
	cache.New(func(key string) {
		begun <- true
		gone <- key
	}, time.Millisecond)
	<-begun
}

// Package hangends: the callback gives the lock back.
package hangends

import (
	"sync"
	"testing"
	"time"
)

type cache struct{ mu sync.Mutex }

func (c *cache) later() {
	time.AfterFunc(time.Millisecond, func() {
		c.mu.Lock()
		c.mu.Unlock()
	})
}

func TestBefore(t *testing.T) {}

func TestHang(t *testing.T) {
	c := &cache{}
	c.later()
	time.Sleep(20 * time.Millisecond)
	c.mu.Lock()
}

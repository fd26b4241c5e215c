// Package hang: a timer's callback holds the lock that the test waits for.
package hang

import (
	"sync"
	"testing"
	"time"
)

type cache struct{ mu sync.Mutex }

func (c *cache) later() {
	time.AfterFunc(time.Millisecond, func() {
		c.mu.Lock()
		c.mu.Lock()
	})
}

func TestBefore(t *testing.T) {}

func TestHang(t *testing.T) {
	c := &cache{}
	c.later()
	time.Sleep(20 * time.Millisecond)
	c.mu.Lock()
}

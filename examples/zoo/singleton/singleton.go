// Package singleton holds a goroutine that is started once, by whoever comes first, and lives as long as the process.
package singleton

import (
	"sync"
	"time"
)

// A Clock hands out a coarse time. Its goroutine starts with the first use.
type Clock struct {
	once sync.Once
	mu   sync.Mutex
	now  time.Time
}

// Now returns the time, a tenth of a second coarse.
func (c *Clock) Now() time.Time {
	c.once.Do(func() {
		c.set()
		go c.run() // started: 42
	})
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *Clock) run() {
	for range time.Tick(100 * time.Millisecond) { // blocked: 42
		c.set()
	}
}

func (c *Clock) set() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = time.Now()
}

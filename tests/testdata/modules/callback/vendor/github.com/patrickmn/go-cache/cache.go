// Package cache has the names of the real one, and nothing else of it.
package cache

import "time"

type cache struct {
	onEvicted func(string)
	janitor   *janitor
}

// Cache is a cache.
type Cache struct{ *cache }

type janitor struct{ interval time.Duration }

// New starts a janitor that never ends.
func New(onEvicted func(string), interval time.Duration) *Cache {
	c := &cache{onEvicted: onEvicted}
	runJanitor(c, interval)
	return &Cache{c}
}

func runJanitor(c *cache, interval time.Duration) {
	j := &janitor{interval}
	c.janitor = j
	go j.Run(c)
}

func (j *janitor) Run(c *cache) {
	for range time.Tick(j.interval) {
		c.DeleteExpired()
	}
}

// DeleteExpired tells of one.
//
//go:noinline
func (c *cache) DeleteExpired() {
	if c.onEvicted != nil {
		c.onEvicted("key")
	}
}

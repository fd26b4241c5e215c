// Package timer: a timer of one test fires while another runs.
package timer

import "time"

var never = make(chan int)

type cache struct{ timer *time.Timer }

func (c *cache) arm() { c.timer = time.AfterFunc(10*time.Millisecond, c.expire) }

func (c *cache) expire() { <-never }

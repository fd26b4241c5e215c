package timerstopped

import (
	"testing"
	"time"
)

func TestStops(t *testing.T) {
	c := new(cache)
	c.arm()
	c.timer.Stop()
}

func TestSleeps(t *testing.T) { time.Sleep(40 * time.Millisecond) }

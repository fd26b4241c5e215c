package timertwo

import (
	"testing"
	"time"
)

func TestArms(t *testing.T) { new(cache).arm() }

func TestStops(t *testing.T) {
	c := new(cache)
	c.arm()
	c.timer.Stop()
}

func TestSleeps(t *testing.T) { time.Sleep(40 * time.Millisecond) }

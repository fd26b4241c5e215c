package timer

import (
	"testing"
	"time"
)

func TestBefore(t *testing.T) {}

func TestArms(t *testing.T) { new(cache).arm() }

func TestSleeps(t *testing.T) { time.Sleep(40 * time.Millisecond) }

package late

import (
	"testing"
	"time"
)

func TestLeak43Late(t *testing.T) {
	LeakyShutdown(150 * time.Millisecond)
	time.Sleep(5 * time.Millisecond) // it sleeps by now, also on a busy machine
}

func TestFixed43Late(t *testing.T) {
	FixedShutdown(time.Millisecond)
}

package late

import (
	"testing"
	"time"
)

func TestLeak43Late(t *testing.T) {
	LeakyShutdown(150 * time.Millisecond)
}

func TestFixed43Late(t *testing.T) {
	FixedShutdown(time.Millisecond)
}

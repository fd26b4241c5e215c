package lasting

import (
	"testing"
	"time"
)

// It ends by itself after 800 ms.
func TestLasting(t *testing.T) { go func() { <-time.After(800 * time.Millisecond) }() }

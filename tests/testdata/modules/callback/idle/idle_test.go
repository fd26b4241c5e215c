package idle

import (
	"testing"
	"time"

	"github.com/patrickmn/go-cache"
)

// The janitor alone is the library's, which can't end it.
func TestIdle(t *testing.T) {
	cache.New(nil, time.Hour)
}

package many

import (
	"fmt"
	"testing"

	"example.com/suites/plain"
)

func TestLeaks(t *testing.T) {
	for i := 0; i < 500; i++ {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			plain.Leak()
		})
	}
}

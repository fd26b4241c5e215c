package one

import (
	"fmt"
	"testing"

	"example.com/suites/plain"
)

func TestLeaks(t *testing.T) {
	for i := 0; i < 1; i++ {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			plain.Leak()
		})
	}
}

package one

import (
	"fmt"
	"testing"

	"example.com/suites/leaktest/leaky"
	"github.com/fortytw2/leaktest"
)

func TestLeaks(t *testing.T) {
	for i := 0; i < 1; i++ {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			defer leaktest.Check(t)()
			leaky.Leak()
		})
	}
}

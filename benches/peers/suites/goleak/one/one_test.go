package one

import (
	"fmt"
	"testing"

	"example.com/suites/goleak/leaky"
	"go.uber.org/goleak"
)

func TestLeaks(t *testing.T) {
	for i := 0; i < 1; i++ {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
			leaky.Leak()
		})
	}
}

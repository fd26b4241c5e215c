package quick

import (
	"fmt"
	"testing"
)

// Ten thousand tests that do nothing.
func TestQuick(t *testing.T) {
	for i := 0; i < 10000; i++ {
		t.Run(fmt.Sprint(i), func(t *testing.T) {})
	}
}

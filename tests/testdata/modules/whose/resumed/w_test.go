// Package resumed: a parallel subtest as it should be.
package resumed

import "testing"

func TestParent(t *testing.T) {
	t.Run("found", func(t *testing.T) { t.Parallel() })
}

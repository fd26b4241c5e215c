// Package fails has a test that fails, and one that passes.
package fails

import "testing"

func TestFails(t *testing.T)  { t.Error("as it should") }
func TestPasses(t *testing.T) {}

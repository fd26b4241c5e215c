// Package panics dies in a test.
package panics

import "testing"

func TestPanics(t *testing.T) { panic("as it should") }

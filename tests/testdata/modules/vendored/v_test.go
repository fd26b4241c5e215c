package vendored

import (
	"testing"

	"example.com/dep"
)

func TestLeak(t *testing.T)  { dep.Start() }
func TestClean(t *testing.T) {}

package b

import (
	"testing"

	"example.com/a"
)

func TestLeak(t *testing.T)  { a.Start() }
func TestClean(t *testing.T) {}

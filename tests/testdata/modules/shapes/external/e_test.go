package external_test

import (
	"testing"

	"example.com/shapes/leak"
)

func TestLeak(t *testing.T)  { leak.Start() }
func TestClean(t *testing.T) { leak.Once() }

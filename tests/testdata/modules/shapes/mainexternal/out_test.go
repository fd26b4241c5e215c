package mainexternal_test

import (
	"testing"

	"example.com/shapes/leak"
)

func TestLeak(t *testing.T) { leak.Start() }

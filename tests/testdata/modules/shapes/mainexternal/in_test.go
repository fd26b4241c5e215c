package mainexternal

import (
	"testing"

	"example.com/shapes/leak"
)

func TestClean(t *testing.T) { leak.Once() }

package mainhelper

import (
	"testing"

	"example.com/shapes/leak"
	"example.com/shapes/testutil"
)

func TestMain(m *testing.M) { testutil.Main(m) }

func TestLeak(t *testing.T)  { leak.Start() }
func TestClean(t *testing.T) { leak.Once() }

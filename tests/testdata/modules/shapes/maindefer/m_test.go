package maindefer

import (
	"os"
	"testing"

	"example.com/shapes/leak"
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "shapes")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	return m.Run()
}

func TestLeak(t *testing.T)  { leak.Start() }
func TestClean(t *testing.T) { leak.Once() }

package mainflags

import (
	"flag"
	"os"
	"testing"

	"example.com/shapes/leak"
)

var level = flag.Int("level", 1, "for this package alone")

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(m.Run())
}

func TestLeak(t *testing.T) {
	for i := 0; i < *level; i++ {
		leak.Start()
	}
}
func TestClean(t *testing.T) { leak.Once() }

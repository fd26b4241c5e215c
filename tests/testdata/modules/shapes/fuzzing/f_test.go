package fuzzing

import (
	"testing"

	"example.com/shapes/leak"
)

func FuzzLeak(f *testing.F) {
	f.Add(1)
	f.Add(2)
	f.Fuzz(func(t *testing.T, n int) {
		if n == 2 {
			leak.Start()
		}
	})
}

func FuzzClean(f *testing.F) {
	f.Add("x")
	f.Fuzz(func(t *testing.T, s string) { leak.Once() })
}

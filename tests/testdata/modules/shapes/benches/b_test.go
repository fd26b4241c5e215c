package benches

import (
	"testing"

	"example.com/shapes/leak"
)

func TestClean(t *testing.T) { leak.Once() }

func BenchmarkClean(b *testing.B) {
	for i := 0; i < b.N; i++ {
		leak.Once()
	}
}

func BenchmarkLeak(b *testing.B) {
	leak.Start()
	for i := 0; i < b.N; i++ {
	}
}

package logger

import (
	"testing"

	"neutral.test/outcome"
)

func TestMain(m *testing.M) { outcome.Main(m, func() bool { return false }) }

func TestFirst(t *testing.T) {}

// One goroutine logs, with a little work before: go panics if the test has ended by then.
func TestLogger(t *testing.T) {
	go func() {
		sum := 0
		for i := 0; i < 3000; i++ {
			sum += i * i
		}
		t.Log(sum)
	}()
}

package latelog

import (
	"testing"

	"neutral.test/outcome"
)

func TestMain(m *testing.M) { outcome.Main(m, func() bool { return false }) }

func TestFirst(t *testing.T) {}

// A goroutine of a goroutine writes to the log of a test that does not wait for it: go panics if the test has ended.
func TestLateLog(t *testing.T) {
	page := make(chan string, 1)
	go func() {
		page <- "last page"
		go func() { t.Log(<-page) }()
	}()
}

package mainrunstwice

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	first := m.Run()
	os.Exit(first + m.Run())
}

func TestClean(t *testing.T) {}

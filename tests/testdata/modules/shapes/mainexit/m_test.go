package mainexit

import (
	"os"
	"testing"

	"example.com/shapes/leak"
)

func TestMain(m *testing.M) { os.Exit(m.Run()) }

func TestLeak(t *testing.T)  { leak.Start() }
func TestClean(t *testing.T) { leak.Once() }

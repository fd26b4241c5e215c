package goexits

import (
	"runtime"
	"testing"
)

func TestGoexits(t *testing.T) { runtime.Goexit() }

package testdeps

import (
	"io"
	"runtime/pprof"
)

// TestDeps stands for the type of the same name in testing/internal/testdeps. This file is not hosted.
type TestDeps struct{}

// WriteProfileTo is what testing/internal/testdeps has.
func (TestDeps) WriteProfileTo(name string, w io.Writer, debug int) error {
	return pprof.Lookup(name).WriteTo(w, debug)
}

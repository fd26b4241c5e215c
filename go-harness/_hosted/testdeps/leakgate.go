// Package testdeps is hosted in testing/internal/testdeps, which imports runtime/pprof already; package testing cannot.
package testdeps

import (
	"io"
	"runtime/pprof"
)

// LeakgateLabel labels the calling goroutine and all that it starts; "" takes all labels off.
func (TestDeps) LeakgateLabel(seq uint32, name string) uintptr { return pprof.LeakgateLabel(seq, name) }

// LeakgateCarried is what LeakgateLabel gave back, as long as the calling goroutine's labels are these.
func (TestDeps) LeakgateCarried() uintptr { return pprof.LeakgateCarried() }

// LeakgateProfile writes the goroutine profile as text, with our labels.
func (TestDeps) LeakgateProfile(w io.Writer) error { return pprof.LeakgateProfile(w) }

// LeakgateShow has dumps show our labels, or not.
func (TestDeps) LeakgateShow(on bool) { pprof.LeakgateShow(on) }

// Package testdeps replaces testing/internal/testdeps in the tests of the harness. It is not hosted: what is, is in
// _hosted/, and does not compile outside of GOROOT.
package testdeps

import (
	"context"
	"io"
	"runtime/pprof"
	"strconv"
)

// TestDeps replaces the type of the same name.
type TestDeps struct{}

// WriteProfileTo is what testing/internal/testdeps has.
func (TestDeps) WriteProfileTo(name string, w io.Writer, debug int) error {
	return pprof.Lookup(name).WriteTo(w, debug)
}

// LeakgateLabel sets plain labels.
func (TestDeps) LeakgateLabel(seq uint32, name string) uintptr {
	ctx := context.Background()
	if seq > 0 {
		name = strconv.Itoa(int(seq)) + ":" + name
	}
	if name != "" {
		ctx = pprof.WithLabels(ctx, pprof.Labels("leakgate", name))
	}
	pprof.SetGoroutineLabels(ctx)
	return 0
}

// LeakgateCarried never gives what LeakgateLabel gave: plain labels are not compared.
func (TestDeps) LeakgateCarried() uintptr { return 1 }

// LeakgateProfile is the plain profile: plain labels show in it.
func (TestDeps) LeakgateProfile(w io.Writer) error { return pprof.Lookup("goroutine").WriteTo(w, 1) }

// LeakgateShow has nothing to do: plain labels show always.
func (TestDeps) LeakgateShow(bool) {}

// Package testdeps is hosted in testing/internal/testdeps, which imports runtime/pprof already; package testing cannot.
package testdeps

import (
	"context"
	"runtime/pprof"
)

// LeakgateLabel puts the label leakgate=value on the calling goroutine and all that it starts; "" takes all labels off.
func (TestDeps) LeakgateLabel(value string) {
	ctx := context.Background()
	if value != "" {
		ctx = pprof.WithLabels(ctx, pprof.Labels("leakgate", value))
	}
	pprof.SetGoroutineLabels(ctx)
}

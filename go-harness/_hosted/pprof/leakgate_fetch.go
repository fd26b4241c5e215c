//go:build go1.23

package pprof

var leakgateGoroutines = pprof_goroutineProfileWithLabels

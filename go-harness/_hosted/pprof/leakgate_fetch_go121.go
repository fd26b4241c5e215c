//go:build !go1.23

package pprof

var leakgateGoroutines = runtime_goroutineProfileWithLabels

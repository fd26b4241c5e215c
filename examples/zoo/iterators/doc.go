// Package iterators needs Go 1.23; older toolchains see an empty package.
package iterators

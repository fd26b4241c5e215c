// Package testutil runs tests for others.
package testutil

import "os"

// Runner is *testing.M.
type Runner interface{ Run() int }

// Main is the body of a TestMain.
func Main(m Runner) {
	code := m.Run()
	os.Exit(code)
}

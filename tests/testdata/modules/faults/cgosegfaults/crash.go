// Package cgosegfaults dies in C. Go allows no cgo in test files.
package cgosegfaults

// static void crash(void) { *(volatile int *)8 = 1; }
import "C"

func crash() { C.crash() }

// Package leaks leaves one goroutine behind.
package leaks

import "testing"

func TestLeaks(t *testing.T) {
	go func() { select {} }()
}

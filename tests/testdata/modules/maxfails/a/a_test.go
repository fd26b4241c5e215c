// Package a leaks and fails.
package a

import "testing"

func TestLeaks(t *testing.T) {
	go func() { select {} }()
}

func TestFails(t *testing.T) {
	t.Run("first", func(t *testing.T) { t.Error("wrong") })
	t.Run("second", func(t *testing.T) { t.Error("wrong, too") })
}

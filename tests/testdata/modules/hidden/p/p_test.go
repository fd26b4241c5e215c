package p

import "testing"

func TestLeak(t *testing.T) {
	go func() { select {} }()
}

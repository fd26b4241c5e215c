//go:build go1.23

package iterators

import "testing"

func TestLeak38PullNotStopped(t *testing.T) {
	if page := LeakyHead(Pages(3)); page != "A" {
		t.Errorf("got %q", page)
	}
}

func TestFixed38PullNotStopped(t *testing.T) {
	if page := FixedHead(Pages(3)); page != "A" {
		t.Errorf("got %q", page)
	}
}

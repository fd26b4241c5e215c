package stuck

import "testing"

func TestFixed44NilChannel(t *testing.T) {
	var queue Queue
	queue.Open()
	queue.Put("book")
	if got := queue.Take(); got != "book" {
		t.Errorf("got %q", got)
	}
}

func TestFixed45Deadlock(t *testing.T) {
	FixedHandshake()
}

package store

import "testing"

func TestAskAndForget(t *testing.T) {
	t.Parallel()
	Ask()
}

func TestAskAndWait(t *testing.T) {
	t.Parallel()
	if got := <-Ask(); got != 42 {
		t.Fatalf("got %d", got)
	}
}

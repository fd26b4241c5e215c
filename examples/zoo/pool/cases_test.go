package pool

import (
	"context"
	"sync"
	"testing"
	"time"
)

func TestLeak31RetryLoop(t *testing.T) {
	given := make(chan struct{})
	if _, err := LeakyRetry(5, time.Millisecond, func() string { <-given; return "late" }); err == nil {
		t.Error("want an error")
	}
	close(given)
}

func TestFixed31RetryLoop(t *testing.T) {
	call := func(ctx context.Context) string { <-ctx.Done(); return "" }
	if _, err := FixedRetry(5, time.Millisecond, call); err == nil {
		t.Error("want an error")
	}
}

var pictures = []string{"a.png", "b.png", "c.png", "d.png", "e.png"}

func TestLeak32WorkerPool(t *testing.T) {
	LeakyResize(pictures, 4, func(string) {})
}

func TestFixed32WorkerPool(t *testing.T) {
	var mu sync.Mutex
	n := 0
	FixedResize(pictures, 4, func(string) {
		mu.Lock()
		defer mu.Unlock()
		n++
	})
	if n != len(pictures) {
		t.Errorf("%d resized", n)
	}
}

package mirrors

import (
	"context"
	"testing"
	"time"
)

// mirror answers after the given time, or gives up when its context is done.
func mirror(body string, after time.Duration) Mirror {
	return func(ctx context.Context, name string) (string, error) {
		timer := time.NewTimer(after)
		defer timer.Stop()
		select {
		case <-timer.C:
			return body + "/" + name, nil
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}

func threeMirrors() []Mirror {
	return []Mirror{
		mirror("near", 0),
		mirror("far", 5*time.Millisecond),
		mirror("farther", 10*time.Millisecond),
	}
}

// Passes under plain `go test`, and leaves two goroutines behind.
func TestFastest(t *testing.T) {
	got, err := Fastest(context.Background(), "index.html", threeMirrors())
	if err != nil || got == "" {
		t.Fatalf("Fastest() = %q, %v", got, err)
	}
}

// The same test over the fixed code: nothing is left.
func TestFastestFixed(t *testing.T) {
	got, err := FastestFixed(context.Background(), "index.html", threeMirrors())
	if err != nil || got == "" {
		t.Fatalf("FastestFixed() = %q, %v", got, err)
	}
}

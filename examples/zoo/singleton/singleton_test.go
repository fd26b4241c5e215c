package singleton

import "testing"

// The process has one clock per kind of test here, so that each kind is the first to use one.
var plain, nested, parallel Clock

func TestLeak42Singleton(t *testing.T) {
	use(t, &plain)
}

func TestTable(t *testing.T) {
	t.Run("leak/42Singleton", func(t *testing.T) { use(t, &nested) })
}

func TestParallel(t *testing.T) {
	t.Parallel()
	t.Run("leak/42Singleton", func(t *testing.T) {
		t.Parallel()
		use(t, &parallel)
	})
}

func use(t *testing.T, clock *Clock) {
	if clock.Now().IsZero() {
		t.Error("no time")
	}
}

//go:build stuck

package stuck

import "testing"

// Hangs until -timeout.
func TestLeak44NilChannel(t *testing.T) {
	var queue Queue
	queue.Take()
}

// Ends the process: with -timeout=0, all goroutines are asleep.
func TestLeak45Deadlock(t *testing.T) {
	LeakyHandshake()
}

func TestTable(t *testing.T) {
	t.Run("leak/44NilChannel", TestLeak44NilChannel)
	t.Run("leak/45Deadlock", TestLeak45Deadlock)
}

func TestParallel(t *testing.T) {
	t.Parallel()
	t.Run("leak/44NilChannel", func(t *testing.T) {
		t.Parallel()
		TestLeak44NilChannel(t)
	})
	t.Run("leak/45Deadlock", func(t *testing.T) {
		t.Parallel()
		TestLeak45Deadlock(t)
	})
}

// Package spinner leaves a goroutine behind that never stops running: settling takes as long as it can.
package spinner

import (
	"runtime"
	"sync/atomic"
	"testing"
)

func TestSpin(t *testing.T) {
	var stop atomic.Bool
	go func() {
		for !stop.Load() {
			runtime.Gosched()
		}
	}()
}

//go:build go1.25

//go:debug asynctimerchan=0

package bubble

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestTimeoutInBubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			<-ctx.Done()
		}()
		time.Sleep(time.Hour)
		synctest.Wait()
		<-ended
	})
}

func TestCleanupInBubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stop, stopped := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(stopped)
			<-stop
		}()
		t.Cleanup(func() {
			close(stop)
			<-stopped
		})
	})
}

// The context of a test is cancelled before its clean-ups run.
func TestContextOfTest(t *testing.T) {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		<-t.Context().Done()
	}()
	t.Cleanup(func() { <-ended })
}

func BenchmarkLoop(b *testing.B) {
	for b.Loop() {
		done := make(chan struct{})
		go close(done)
		<-done
	}
}

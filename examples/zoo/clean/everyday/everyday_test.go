// Package everyday holds clean tests of the kinds that goroutine checkers have been wrong about.
package everyday

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"runtime"
	"runtime/pprof"
	"sync"
	"syscall"
	"testing"
	"time"
)

// worker runs until it is stopped.
type worker struct {
	stopping chan struct{}
	stopped  chan struct{}
}

func start() *worker {
	w := &worker{stopping: make(chan struct{}), stopped: make(chan struct{})}
	go func() {
		defer close(w.stopped)
		<-w.stopping
	}()
	return w
}

func (w *worker) stop() {
	close(w.stopping)
	<-w.stopped
}

// The test's own clean-up stops the goroutine, after the test function has returned.
func TestStoppedInCleanup(t *testing.T) {
	t.Cleanup(start().stop)
}

// The clean-ups of a parent run when its parallel subtests have ended.
func TestSharedWithParallelSubtests(t *testing.T) {
	w := start()
	t.Cleanup(w.stop)
	for i := 0; i < 4; i++ {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			select {
			case <-w.stopped:
				t.Error("stopped too early")
			case <-time.After(5 * time.Millisecond):
			}
		})
	}
}

// Two siblings: when the first one ends, the goroutines of the second one are still busy.
func TestQuickSibling(t *testing.T) {
	t.Parallel()
}

func TestSlowSibling(t *testing.T) {
	t.Parallel()
	w := start()
	defer w.stop()
	time.Sleep(50 * time.Millisecond)
}

func TestGoroutineStartedByGoroutine(t *testing.T) {
	var outer sync.WaitGroup
	outer.Add(1)
	go func() {
		defer outer.Done()
		var inner sync.WaitGroup
		for i := 0; i < 10; i++ {
			inner.Add(1)
			go func() {
				defer inner.Done()
				runtime.Gosched()
			}()
		}
		inner.Wait()
	}()
	outer.Wait()
}

func TestLockedThread(t *testing.T) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		time.Sleep(time.Millisecond)
	}()
	<-done
}

func TestDeepStack(t *testing.T) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		if got := depth(5000); got != 5000 {
			t.Error(got)
		}
	}()
	<-done
}

//go:noinline
func depth(n int) int {
	if n == 0 {
		time.Sleep(time.Millisecond)
		return 0
	}
	return 1 + depth(n-1)
}

// The runtime's finalizer goroutine runs user code at the end of this test, and shows in dumps only then.
func TestFinalizerRuns(t *testing.T) {
	begun := make(chan struct{})
	func() {
		file := &struct{ name [64]byte }{}
		runtime.SetFinalizer(file, func(any) {
			close(begun)
			time.Sleep(30 * time.Millisecond)
		})
	}()
	for {
		runtime.GC()
		select {
		case <-begun:
			return
		case <-time.After(time.Millisecond):
		}
	}
}

// The first Notify of a process starts a goroutine of os/signal that never ends.
func TestSignals(t *testing.T) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGHUP)
	signal.Stop(signals)
}

func TestSignalContext(t *testing.T) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	stop()
	<-ctx.Done()
}

func TestOwnLabels(t *testing.T) {
	var working sync.WaitGroup
	pprof.Do(context.Background(), pprof.Labels("request", "7"), func(ctx context.Context) {
		working.Add(1)
		go func() {
			defer working.Done()
			time.Sleep(time.Millisecond)
		}()
	})
	working.Wait()
}

func TestEnvironment(t *testing.T) {
	t.Setenv("EVERYDAY", "yes")
	t.Setenv("GODEBUG", "http2debug=0")
	w := start()
	defer w.stop()
}

func TestHTTP(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "hello")
	}))
	defer server.Close()
	response, err := server.Client().Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if body, err := io.ReadAll(response.Body); err != nil || string(body) != "hello\n" {
		t.Errorf("%q, %v", body, err)
	}
}

func TestTimers(t *testing.T) {
	fired := make(chan struct{})
	timer := time.AfterFunc(time.Millisecond, func() { close(fired) })
	<-fired
	timer.Stop()
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	<-ctx.Done()
}

// Fatal, Skip and a panic that is recovered leave through runtime.Goexit or unwinding: defers run all the same.
func TestSkipped(t *testing.T) {
	w := start()
	defer w.stop()
	t.Skip("for the sake of the example")
}

func BenchmarkStartStop(b *testing.B) {
	for i := 0; i < b.N; i++ {
		start().stop()
	}
}

func BenchmarkParallel(b *testing.B) {
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			start().stop()
		}
	})
}

func FuzzStartStop(f *testing.F) {
	f.Add(1)
	f.Add(3)
	f.Fuzz(func(t *testing.T, n int) {
		for i := 0; i < n&7; i++ {
			start().stop()
		}
	})
}

func Example() {
	start().stop()
	fmt.Println("stopped")
	// Output: stopped
}

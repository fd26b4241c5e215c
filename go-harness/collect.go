package harness

import (
	"runtime"
	"time"
)

const (
	// leakgateFinalizers is how long to wait for finalizers: one of them may hang.
	leakgateFinalizers = 20 * time.Millisecond
	// leakgateWaking is how long to wait for those that a finalizer has woken.
	leakgateWaking = 2 * time.Millisecond
)

// collect runs the garbage collector before the verdict. What its finalizers, cleanups and weak pointers end would else be a
// leak or none by the chance of when it ran last. What a finalizer lets go of, the next collection finds.
func (s *leakgateState) collect() {
	for i := 0; i < 2 && len(s.life.pending) > 0; i++ {
		s.collecting(func() bool { runtime.GC(); return true })
	}
}

// collecting runs a garbage collection, has finalizers run, and looks who is gone then. gc says whether there was one.
func (s *leakgateState) collecting(gc func() bool) bool {
	before := append([]*leakgateSuspect(nil), s.life.pending...)
	done := leakgateSentinel()
	if !gc() {
		return false
	}
	select {
	case <-done:
	case <-time.After(leakgateFinalizers):
	}
	time.Sleep(leakgateWaking)
	if !s.end.asked && s.census.counted && s.sameAsBefore() {
		return true
	}
	s.dump()
	for _, g := range before {
		if g.goneBy >= 0 {
			g.collected = true
		}
	}
	return true
}

type leakgateGarbage struct {
	done chan struct{}
}

// leakgateSentinel is garbage; its finalizer, queued behind or among those of the tests' garbage, closes done.
//
//go:noinline
func leakgateSentinel() (done chan struct{}) {
	done = make(chan struct{})
	runtime.SetFinalizer(&leakgateGarbage{done: done}, func(g *leakgateGarbage) { close(g.done) })
	return done
}

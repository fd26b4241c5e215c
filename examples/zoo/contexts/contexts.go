// Package contexts holds goroutines whose context is never cancelled.
package contexts

import (
	"context"
	"sync"
)

// A Session ends when its context does.
type Session struct {
	cancel context.CancelFunc
	ended  chan struct{}
}

// Open starts a session. The caller has to call Close.
func Open(parent context.Context) *Session {
	ctx, cancel := context.WithCancel(parent)
	s := &Session{cancel: cancel, ended: make(chan struct{})}
	go s.watch(ctx) // started: 24
	return s
}

func (s *Session) watch(ctx context.Context) {
	defer close(s.ended)
	<-ctx.Done() // blocked: 24
}

// Close ends the session, and returns when it has ended.
func (s *Session) Close() {
	s.cancel()
	<-s.ended
}

// A Syncer copies what it is woken up for.
type Syncer struct {
	wake    chan string
	running sync.WaitGroup
}

// LeakyStart has a context and does not pass it on.
func (s *Syncer) LeakyStart(ctx context.Context) {
	s.wake = make(chan string)
	s.running.Add(1)
	go s.loop(context.Background()) // started: 25
}

// FixedStart passes it on.
func (s *Syncer) FixedStart(ctx context.Context) {
	s.wake = make(chan string)
	s.running.Add(1)
	go s.loop(ctx)
}

func (s *Syncer) loop(ctx context.Context) {
	defer s.running.Done()
	for {
		select { // blocked: 25
		case <-ctx.Done():
			return
		case name := <-s.wake:
			_ = name
		}
	}
}

// A Feed reads until it is shut down: its cancel function is kept in a field.
type Feed struct {
	halt  func()
	ended chan struct{}
}

// Subscribe starts a feed. The caller has to call Shutdown.
func Subscribe(items <-chan int, use func(int)) *Feed {
	ctx, cancel := context.WithCancel(context.Background())
	f := &Feed{halt: cancel, ended: make(chan struct{})}
	go f.read(ctx, items, use) // started: 64
	return f
}

func (f *Feed) read(ctx context.Context, items <-chan int, use func(int)) {
	defer close(f.ended)
	for {
		select { // blocked: 64
		case item := <-items:
			use(item)
		case <-ctx.Done():
			return
		}
	}
}

// Shutdown ends the feed, and returns when it has ended.
func (f *Feed) Shutdown() {
	f.halt()
	<-f.ended
}

// Package meanings holds goroutines whose cause hangs on what a name means where it is written: two variables of one name,
// a field and a local, a timer that was stopped elsewhere.
package meanings

import (
	"context"
	"sync"
	"time"
)

// LeakyPulse drains a timer that it has stopped already: the break leaves the select only.
func LeakyPulse(base time.Duration, quit chan struct{}) {
	go func() { // started: 46
		wait := time.NewTimer(base)
		for {
			select {
			case <-wait.C:
				wait.Reset(base)
			case <-quit:
				if !wait.Stop() {
					<-wait.C // blocked: 46
				}
				break
			}
		}
	}()
}

// FixedPulse leaves when it gets the signal.
func FixedPulse(base time.Duration, quit chan struct{}) *sync.WaitGroup {
	var running sync.WaitGroup
	running.Add(1)
	go func() {
		defer running.Done()
		wait := time.NewTimer(base)
		defer wait.Stop()
		for {
			select {
			case <-wait.C:
				wait.Reset(base)
			case <-quit:
				return
			}
		}
	}()
	return &running
}

// Beat has a ticker under the name that the next two give a timer.
func Beat(every time.Duration, f func(), stop <-chan struct{}) {
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		select {
		case <-t.C:
			f()
		case <-stop:
			return
		}
	}
}

// LeakyGrace calls f after a time that outlasts every test.
func LeakyGrace(wait time.Duration, f func()) {
	t := time.NewTimer(wait)
	go func() { // started: 47
		<-t.C // blocked: 47
		f()
	}()
}

// FixedGrace can be called off.
func FixedGrace(wait time.Duration, f func()) (off func()) {
	t := time.NewTimer(wait)
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case <-t.C:
			f()
		case <-done:
		}
	}()
	return func() {
		t.Stop()
		close(done)
		<-ended
	}
}

// A Runner does jobs until it is stopped.
type Runner struct {
	ctx   context.Context
	stop  context.CancelFunc
	ended chan struct{}
	Jobs  chan func(context.Context)
}

// NewRunner starts one. Its owner has to call Stop.
func NewRunner() *Runner {
	r := &Runner{Jobs: make(chan func(context.Context)), ended: make(chan struct{})}
	r.ctx, r.stop = context.WithCancel(context.Background())
	go r.loop() // started: 48
	return r
}

// Stop ends it.
func (r *Runner) Stop() {
	r.stop()
	<-r.ended
}

func (r *Runner) loop() {
	defer close(r.ended)
	for {
		select { // blocked: 48
		case job := <-r.Jobs:
			ctx, cancel := context.WithTimeout(r.ctx, time.Second)
			job(ctx)
			cancel()
		case <-r.ctx.Done():
			return
		}
	}
}

// A Line sends under a lock.
type Line struct {
	mu sync.Mutex
	ch chan int
}

// NewLine makes one.
func NewLine(room int) *Line { return &Line{ch: make(chan int, room)} }

// Send hands a value on, with the lock held.
func (l *Line) Send(began chan<- struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(began)
	l.ch <- 1 // blocked: 49a
}

// Close ends the line.
func (l *Line) Close() {
	l.mu.Lock() // blocked: 49b
	defer l.mu.Unlock()
	close(l.ch)
}

// Use sends and closes, each in a goroutine.
func (l *Line) Use() *sync.WaitGroup {
	var running sync.WaitGroup
	running.Add(2)
	began := make(chan struct{})
	go func() { // started: 49a
		defer running.Done()
		l.Send(began)
	}()
	<-began
	go func() { // started: 49b
		defer running.Done()
		l.Close()
	}()
	return &running
}

// A Bus hands events on.
type Bus struct {
	events chan int
	done   chan struct{}
}

// NewBus makes one with room for two.
func NewBus() *Bus {
	b := &Bus{done: make(chan struct{})}
	b.events = make(chan int, 2)
	return b
}

// Stop ends the bus, and forgets the channel.
func (b *Bus) Stop() {
	close(b.done)
	b.events = nil
}

// LeakyPublish waits for room, also when the bus is stopped.
func (b *Bus) LeakyPublish(n int) {
	b.events <- n // blocked: 50
}

// FixedPublish gives up when the bus is stopped.
func (b *Bus) FixedPublish(n int) {
	select {
	case b.events <- n:
	case <-b.done:
	}
}

// Fill publishes n events in a goroutine.
func Fill(n int, publish func(int)) *sync.WaitGroup {
	var running sync.WaitGroup
	running.Add(1)
	go func() { // started: 50
		defer running.Done()
		for i := 0; i < n; i++ {
			publish(i)
		}
	}()
	return &running
}

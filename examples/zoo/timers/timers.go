// Package timers holds goroutines that wait for a time: whether it comes hangs on who stops the timer, and on whose clock it is.
package timers

import (
	"sync"
	"time"
)

// An Alarm rings once.
type Alarm struct {
	timer *time.Timer
	off   chan struct{}
}

// NewAlarm sets one.
func NewAlarm(after time.Duration) *Alarm {
	return &Alarm{timer: time.NewTimer(after), off: make(chan struct{})}
}

// LeakyRing waits for the alarm, also when it is off.
func (a *Alarm) LeakyRing(ring func()) {
	go func() { // started: 51
		<-a.timer.C // blocked: 51
		ring()
	}()
}

// FixedRing gives up when the alarm is off.
func (a *Alarm) FixedRing(ring func()) *sync.WaitGroup {
	return run(func() {
		select {
		case <-a.timer.C:
			ring()
		case <-a.off:
		}
	})
}

// Off stops the alarm: nothing comes from its channel any more.
func (a *Alarm) Off() {
	a.timer.Stop()
	close(a.off)
}

// LeakyAsk waits for an answer longer than any test does.
func LeakyAsk(answer <-chan string, say func(string)) {
	go func() { // started: 52
		select { // blocked: 52
		case text := <-answer:
			say(text)
		case <-time.After(20 * time.Minute):
			say("nothing")
		}
	}()
}

// FixedAsk waits as long as its caller says.
func FixedAsk(answer <-chan string, limit time.Duration, say func(string)) *sync.WaitGroup {
	return run(func() {
		select {
		case text := <-answer:
			say(text)
		case <-time.After(limit):
			say("nothing")
		}
	})
}

// LeakyTwice waits for two values of a timer that sends one.
func LeakyTwice(step func()) {
	pause := time.NewTimer(time.Millisecond)
	go func() { // started: 53
		<-pause.C
		step()
		<-pause.C // blocked: 53
		step()
	}()
}

// FixedTwice starts the timer again.
func FixedTwice(step func()) *sync.WaitGroup {
	pause := time.NewTimer(time.Millisecond)
	return run(func() {
		<-pause.C
		step()
		pause.Reset(time.Millisecond)
		<-pause.C
		step()
	})
}

// A Switch is on or off.
type Switch struct {
	mu  sync.Mutex
	off bool
}

// Off turns it off.
func (s *Switch) Off() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.off = true
}

// IsOff tells.
func (s *Switch) IsOff() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.off
}

// Poll works at each tick until the switch is off.
func Poll(s *Switch, work func()) {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for range tick.C { // blocked: 54
		if s.IsOff() {
			return
		}
		work()
	}
}

// PollLater polls in a goroutine.
func PollLater(s *Switch, work func()) *sync.WaitGroup {
	var running sync.WaitGroup
	running.Add(1)
	go func() { // started: 54
		defer running.Done()
		Poll(s, work)
	}()
	return &running
}

// A Clock hands out times.
type Clock interface {
	After(d time.Duration) <-chan time.Time
}

// A FakeClock goes on when a test moves it.
type FakeClock struct {
	mu    sync.Mutex
	waits []chan time.Time
}

// After is ready with the next Advance.
func (c *FakeClock) After(time.Duration) <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	ready := make(chan time.Time, 1)
	c.waits = append(c.waits, ready)
	return ready
}

// Advance makes ready whatever waits for the clock, and returns how many that were.
func (c *FakeClock) Advance() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, ready := range c.waits {
		ready <- time.Time{}
	}
	woken := len(c.waits)
	c.waits = nil
	return woken
}

// Remind calls f when the clock has gone on.
func Remind(clock Clock, f func()) *sync.WaitGroup {
	var running sync.WaitGroup
	running.Add(1)
	go func() { // started: 55
		defer running.Done()
		<-clock.After(time.Minute) // blocked: 55
		f()
	}()
	return &running
}

func run(f func()) *sync.WaitGroup {
	var running sync.WaitGroup
	running.Add(1)
	go func() {
		defer running.Done()
		f()
	}()
	return &running
}

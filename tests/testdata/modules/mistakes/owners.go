package mistakes

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"time"
)

// Clock passes each beat of a ticker to its reader.
type Clock struct {
	beats chan time.Time
	quit  chan struct{}
}

// NewClock starts one that nobody reads yet.
func NewClock(every time.Duration) *Clock {
	c := &Clock{beats: make(chan time.Time), quit: make(chan struct{})}
	go c.run(time.NewTicker(every))
	return c
}

func (c *Clock) run(ticker *time.Ticker) {
	defer ticker.Stop()
	defer close(c.beats)
	for {
		select {
		case at := <-ticker.C:
			select {
			case c.beats <- at:
			case <-c.quit:
				return
			}
		case <-c.quit:
			return
		}
	}
}

// Halt ends it.
func (c *Clock) Halt() { close(c.quit) }

// Service has a cache, a worker and a reporter, each with a goroutine.
type Service struct {
	ctx    context.Context
	cancel context.CancelFunc
}

// StartService starts the parts.
func StartService(parent context.Context) *Service {
	s := &Service{}
	s.ctx, s.cancel = context.WithCancel(parent)
	startCache(s.ctx)
	startWorker(s.ctx)
	go s.report()
	return s
}

func startCache(ctx context.Context) {
	go func() {
		ticker := time.NewTicker(time.Hour)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
			case <-ctx.Done():
				return
			}
		}
	}()
}

func startWorker(ctx context.Context) {
	jobs := make(chan int)
	go func() {
		for {
			select {
			case <-jobs:
			case <-ctx.Done():
				return
			}
		}
	}()
}

func (s *Service) report() { <-s.ctx.Done() }

// Stop ends all parts.
func (s *Service) Stop() { s.cancel() }

// Bus passes events to its listeners.
type Bus struct {
	events    chan string
	listeners []chan string
}

// NewBus starts a bus with n listeners.
func NewBus(n int) *Bus {
	b := &Bus{events: make(chan string)}
	for i := 0; i < n; i++ {
		listener := make(chan string)
		b.listeners = append(b.listeners, listener)
		go listen(listener)
	}
	go b.dispatch()
	return b
}

func (b *Bus) dispatch() {
	for event := range b.events {
		for _, listener := range b.listeners {
			listener <- event
		}
	}
	for _, listener := range b.listeners {
		close(listener)
	}
}

func listen(events chan string) {
	for range events {
	}
}

// Publish passes an event.
func (b *Bus) Publish(event string) { b.events <- event }

// Close ends it.
func (b *Bus) Close() { close(b.events) }

type fake struct{}

func (fake) Open(string) (driver.Conn, error)    { return fake{}, nil }
func (fake) Prepare(string) (driver.Stmt, error) { return nil, errors.New("none") }
func (fake) Close() error                        { return nil }
func (fake) Begin() (driver.Tx, error)           { return fake{}, nil }
func (fake) Commit() error                       { return nil }
func (fake) Rollback() error                     { return nil }

func init() { sql.Register("fake", fake{}) }

// OpenStore opens a database.
func OpenStore() (*sql.DB, error) { return sql.Open("fake", "") }

// Gauge measures until it is closed; one that has not measured yet is not closed.
type Gauge struct {
	quit     chan int
	measured bool
}

// NewGauge starts to measure.
func NewGauge() *Gauge {
	g := &Gauge{quit: make(chan int)}
	go g.run()
	return g
}

func (g *Gauge) run() { <-g.quit }

// Close forgets those that have not measured.
func (g *Gauge) Close() {
	if g.measured {
		close(g.quit)
	}
}

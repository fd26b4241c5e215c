// Package ends holds goroutines whose end is up to what made them: on every way out, for each of them, and not only for the last.
package ends

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"sync"
	"time"
)

// ErrTooLarge is what the far side says of an upload.
var ErrTooLarge = errors.New("too large")

// LeakyUpload hands rows over through a pipe. Where the far side stops reading, the writer waits for it.
func LeakyUpload(rows []string, send func(io.Reader) error) error {
	reader, writer := io.Pipe()
	go func() { // started: 75
		encoder := json.NewEncoder(writer)
		for _, row := range rows {
			if err := encoder.Encode(row); err != nil { // blocked: 75
				return
			}
		}
		writer.Close()
	}()
	return send(reader)
}

// FixedUpload closes the reader when it is not read any more.
func FixedUpload(rows []string, send func(io.Reader) error) error {
	reader, writer := io.Pipe()
	written := make(chan struct{})
	go func() {
		defer close(written)
		encoder := json.NewEncoder(writer)
		for _, row := range rows {
			if err := encoder.Encode(row); err != nil {
				return
			}
		}
		writer.Close()
	}()
	err := send(reader)
	reader.Close()
	<-written
	return err
}

// Parking keeps what is to be dropped later, unless it is fetched before.
type Parking struct {
	mu     sync.Mutex
	timers map[string]*time.Timer
	taken  map[string]chan struct{}
	drops  sync.WaitGroup
}

// NewParking is empty.
func NewParking() *Parking {
	return &Parking{timers: map[string]*time.Timer{}, taken: map[string]chan struct{}{}}
}

// LeakyPark drops a car when its time is over.
func (p *Parking) LeakyPark(car string, after time.Duration) {
	timer := time.NewTimer(after)
	p.mu.Lock()
	p.timers[car] = timer
	p.mu.Unlock()
	go func() { // started: 76
		<-timer.C // blocked: 76
		p.drop(car)
	}()
}

// LeakyFetch stops the timer, for which a goroutine waits.
func (p *Parking) LeakyFetch(car string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if timer, ok := p.timers[car]; ok {
		timer.Stop()
		delete(p.timers, car)
	}
}

// FixedPark waits for the time, or for who fetches the car.
func (p *Parking) FixedPark(car string, after time.Duration) {
	taken := make(chan struct{})
	p.mu.Lock()
	p.taken[car] = taken
	p.mu.Unlock()
	p.drops.Add(1)
	go func() {
		defer p.drops.Done()
		timer := time.NewTimer(after)
		defer timer.Stop()
		select {
		case <-timer.C:
			p.drop(car)
		case <-taken:
		}
	}()
}

// FixedFetch says that the car is taken.
func (p *Parking) FixedFetch(car string) {
	p.mu.Lock()
	if taken, ok := p.taken[car]; ok {
		close(taken)
		delete(p.taken, car)
	}
	p.mu.Unlock()
	p.drops.Wait()
}

func (p *Parking) drop(car string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.timers, car)
	delete(p.taken, car)
}

// LeakyMerge reads two springs into one channel, as long as its reader goes on.
func LeakyMerge() <-chan int {
	merged := make(chan int)
	for _, spring := range []<-chan int{leakySpring(1), leakySpring(2)} {
		spring := spring
		go func() { // started: 77a
			for drop := range spring {
				merged <- drop // blocked: 77a
			}
		}()
	}
	return merged
}

func leakySpring(drop int) <-chan int {
	spring := make(chan int)
	go func() { // started: 77b
		for {
			spring <- drop // blocked: 77b
		}
	}()
	return spring
}

// FixedMerge ends when its context does, and closes what it has merged.
func FixedMerge(ctx context.Context) <-chan int {
	merged := make(chan int)
	var merging sync.WaitGroup
	for drop := 1; drop <= 2; drop++ {
		drop := drop
		merging.Add(1)
		go func() {
			defer merging.Done()
			for {
				select {
				case merged <- drop:
				case <-ctx.Done():
					return
				}
			}
		}()
	}
	go func() {
		merging.Wait()
		close(merged)
	}()
	return merged
}

// Deal is open until it is signed or called off.
type Deal struct {
	ctx    context.Context
	cancel context.CancelFunc
	over   chan struct{}
}

// NewDeal opens one, and watches over it.
func NewDeal() *Deal {
	d := &Deal{over: make(chan struct{})}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	go d.watch() // started: 78
	return d
}

func (d *Deal) watch() {
	<-d.ctx.Done() // blocked: 78
	close(d.over)
}

// Add takes a clause, if it is one.
func (d *Deal) Add(clause string) error {
	if clause == "" {
		return errors.New("empty clause")
	}
	return nil
}

// Sign ends the deal.
func (d *Deal) Sign() error {
	d.cancel()
	<-d.over
	return nil
}

// Rollback ends it too.
func (d *Deal) Rollback() {
	d.cancel()
	<-d.over
}

// LeakyAgree leaves the deal open where a clause is refused.
func LeakyAgree(clauses ...string) error {
	deal := NewDeal()
	for _, clause := range clauses {
		if err := deal.Add(clause); err != nil {
			return err
		}
	}
	return deal.Sign()
}

// FixedAgree calls it off.
func FixedAgree(clauses ...string) error {
	deal := NewDeal()
	for _, clause := range clauses {
		if err := deal.Add(clause); err != nil {
			deal.Rollback()
			return err
		}
	}
	return deal.Sign()
}

// Store keeps a log open.
type Store struct {
	lines chan string
	done  chan struct{}
}

// open starts the log.
func open() *Store {
	s := &Store{lines: make(chan string), done: make(chan struct{})}
	go s.write() // started: 79
	return s
}

func (s *Store) write() {
	defer close(s.done)
	for range s.lines { // blocked: 79
	}
}

// Close ends the log.
func (s *Store) Close() {
	close(s.lines)
	<-s.done
}

// LeakyOpen fails after it has started the log.
func LeakyOpen(ready bool) (*Store, error) {
	s := open()
	if !ready {
		return nil, errors.New("not ready")
	}
	return s, nil
}

// FixedOpen ends what it has started before it fails.
func FixedOpen(ready bool) (*Store, error) {
	s := open()
	if !ready {
		s.Close()
		return nil, errors.New("not ready")
	}
	return s, nil
}

// Package holders holds goroutines that wait for a lock: who has it, and what that one waits for.
package holders

import (
	"errors"
	"sync"
)

// An Account has a lock of its own.
type Account struct {
	mu      sync.Mutex
	balance int
}

// Move takes both locks in the order of its arguments.
func Move(from, to *Account, begin *sync.WaitGroup) {
	from.mu.Lock()
	defer from.mu.Unlock()
	begin.Done()
	begin.Wait()
	to.mu.Lock() // blocked: 56
	defer to.mu.Unlock()
	from.balance--
	to.balance++
}

// LeakyExchange moves both ways at once.
func LeakyExchange(a, b *Account) {
	var begin sync.WaitGroup
	begin.Add(2)
	there := func() { Move(a, b, &begin) }
	back := func() { Move(b, a, &begin) }
	for _, move := range []func(){there, back} {
		go move() // started: 56
	}
}

// FixedExchange moves one way after the other.
func FixedExchange(a, b *Account) {
	for _, pair := range [][2]*Account{{a, b}, {b, a}} {
		var begin sync.WaitGroup
		begin.Add(1)
		Move(pair[0], pair[1], &begin)
	}
}

// A Table is read and written.
type Table struct {
	mu   sync.RWMutex
	rows []int
}

// LeakySum reads, and reads again in between.
func (t *Table) LeakySum(between func()) int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	between()
	return len(t.rows) * t.first()
}

func (t *Table) first() int {
	t.mu.RLock() // blocked: 57a
	defer t.mu.RUnlock()
	return len(t.rows)
}

// FixedSum expects no one else to lock in between.
func (t *Table) FixedSum(between func()) int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	between()
	return len(t.rows) * len(t.rows)
}

// Add writes.
func (t *Table) Add(row int) {
	t.mu.Lock() // blocked: 57b
	defer t.mu.Unlock()
	t.rows = append(t.rows, row)
}

// Writing is true when a writer waits: a reader then gets no lock.
func (t *Table) Writing() bool {
	if t.mu.TryRLock() {
		t.mu.RUnlock()
		return false
	}
	return true
}

// Use sums, and adds a row in between.
func (t *Table) Use(sum func(*Table, func()) int) *sync.WaitGroup {
	var running sync.WaitGroup
	running.Add(2)
	go func() { // started: 57a
		defer running.Done()
		sum(t, func() {
			go func() { // started: 57b
				defer running.Done()
				t.Add(1)
			}()
			for !t.Writing() {
				pause()
			}
		})
	}()
	return &running
}

// A Till is locked while it is open.
type Till struct {
	mu  sync.Mutex
	sum int
}

// LeakyPay returns an error with the lock held.
func (t *Till) LeakyPay(amount int) error {
	t.mu.Lock() // blocked: 58
	if amount > t.sum {
		return errors.New("not enough")
	}
	t.sum -= amount
	t.mu.Unlock()
	return nil
}

// FixedPay unlocks on every path.
func (t *Till) FixedPay(amount int) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if amount > t.sum {
		return errors.New("not enough")
	}
	t.sum -= amount
	return nil
}

// PayLater pays in a goroutine.
func PayLater(pay func(int) error) *sync.WaitGroup {
	var running sync.WaitGroup
	running.Add(1)
	go func() { // started: 58
		defer running.Done()
		_ = pay(0)
	}()
	return &running
}

// A Config is read once.
type Config struct {
	mu   sync.Mutex
	once sync.Once
	text string
}

// LeakyGet loads the text, for which load needs the lock.
func (c *Config) LeakyGet(began func()) {
	c.once.Do(func() {
		began()
		c.store("loaded")
	})
}

func (c *Config) store(text string) {
	c.mu.Lock() // blocked: 59a
	defer c.mu.Unlock()
	c.text = text
}

// LeakyReset needs the text while it has the lock.
func (c *Config) LeakyReset(locked func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	locked()
	c.once.Do(func() {}) // blocked: 59b
	c.text = ""
}

// FixedReset needs the text before it takes the lock.
func (c *Config) FixedReset() {
	c.once.Do(func() {})
	c.store("")
}

// LeakyBoth gets and resets at once.
func (c *Config) LeakyBoth() {
	loading, locked := make(chan struct{}), make(chan struct{})
	go c.LeakyReset(func() { // started: 59b
		close(locked)
		<-loading
	})
	go c.LeakyGet(func() { // started: 59a
		<-locked
		close(loading)
	})
}

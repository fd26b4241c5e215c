// Package locks holds goroutines that wait for a lock, a wait group or a condition.
package locks

import (
	"errors"
	"sync"
)

// An Account has a balance.
type Account struct {
	mu      sync.Mutex
	balance int
}

// Balance reads it under the lock.
func (a *Account) Balance() int {
	a.mu.Lock() // blocked: 19
	defer a.mu.Unlock()
	return a.balance
}

// LeakyWithdraw holds the lock and asks for the balance, which takes the same lock.
func (a *Account) LeakyWithdraw(sum int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.Balance() >= sum {
		a.balance -= sum
	}
}

// FixedWithdraw calls the part that expects the lock to be held.
func (a *Account) FixedWithdraw(sum int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.balanceLocked() >= sum {
		a.balance -= sum
	}
}

func (a *Account) balanceLocked() int { return a.balance }

// LeakyWithdrawLater does it in the background.
func LeakyWithdrawLater(a *Account, sum int) {
	go a.LeakyWithdraw(sum) // started: 19
}

// A Ledger has two books, each with its own lock.
type Ledger struct {
	sales, stock sync.Mutex
	sold, left   int
}

// LeakyTrade lets two goroutines take the two locks in opposite order; meet makes sure that both hold their first.
func (l *Ledger) LeakyTrade(meet *sync.WaitGroup) {
	go l.sell(meet)    // started: 20a
	go l.restock(meet) // started: 20b
}

func (l *Ledger) sell(meet *sync.WaitGroup) {
	l.sales.Lock()
	defer l.sales.Unlock()
	meet.Done()
	meet.Wait()
	l.stock.Lock() // blocked: 20a
	defer l.stock.Unlock()
	l.sold, l.left = l.sold+1, l.left-1
}

func (l *Ledger) restock(meet *sync.WaitGroup) {
	l.stock.Lock()
	defer l.stock.Unlock()
	meet.Done()
	meet.Wait()
	l.sales.Lock() // blocked: 20b
	defer l.sales.Unlock()
	l.left, l.sold = l.left+1, l.sold-1
}

// FixedTrade takes them in one order.
func (l *Ledger) FixedTrade() *sync.WaitGroup {
	var trading sync.WaitGroup
	trading.Add(2)
	for _, step := range []int{1, -1} {
		go func(step int) {
			defer trading.Done()
			l.sales.Lock()
			defer l.sales.Unlock()
			l.stock.Lock()
			defer l.stock.Unlock()
			l.sold, l.left = l.sold+step, l.left-step
		}(step)
	}
	return &trading
}

var errEmpty = errors.New("empty cache")

// A Cache is read by many and refreshed by one.
type Cache struct {
	mu      sync.RWMutex
	entries map[string]string
}

// LeakyGet forgets to unlock when the cache is empty.
func (c *Cache) LeakyGet(key string) (string, error) {
	c.mu.RLock()
	if c.entries == nil {
		return "", errEmpty
	}
	defer c.mu.RUnlock()
	return c.entries[key], nil
}

// FixedGet unlocks on every path.
func (c *Cache) FixedGet(key string) (string, error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.entries == nil {
		return "", errEmpty
	}
	return c.entries[key], nil
}

// Refresh replaces the entries.
func (c *Cache) Refresh(entries map[string]string) {
	c.mu.Lock() // blocked: 21
	defer c.mu.Unlock()
	c.entries = entries
}

// RefreshLater does it in the background.
func (c *Cache) RefreshLater(entries map[string]string) *sync.WaitGroup {
	var refreshing sync.WaitGroup
	refreshing.Add(1)
	go func() { // started: 21
		defer refreshing.Done()
		c.Refresh(entries)
	}()
	return &refreshing
}

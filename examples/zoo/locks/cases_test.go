package locks

import (
	"sync"
	"testing"
)

func TestLeak19MutexTwice(t *testing.T) {
	LeakyWithdrawLater(&Account{balance: 10}, 5)
}

func TestFixed19MutexTwice(t *testing.T) {
	account := &Account{balance: 10}
	account.FixedWithdraw(5)
	if got := account.Balance(); got != 5 {
		t.Errorf("balance is %d", got)
	}
}

func TestLeak20LockOrder(t *testing.T) {
	var meet sync.WaitGroup
	meet.Add(2)
	new(Ledger).LeakyTrade(&meet)
	meet.Wait()
}

func TestFixed20LockOrder(t *testing.T) {
	new(Ledger).FixedTrade().Wait()
}

func TestLeak21RWMutex(t *testing.T) {
	cache := new(Cache)
	if _, err := cache.LeakyGet("a"); err == nil {
		t.Error("want an error")
	}
	cache.RefreshLater(map[string]string{"a": "b"})
}

func TestFixed21RWMutex(t *testing.T) {
	cache := new(Cache)
	if _, err := cache.FixedGet("a"); err == nil {
		t.Error("want an error")
	}
	cache.RefreshLater(map[string]string{"a": "b"}).Wait()
}

func TestLeak22WaitGroup(t *testing.T) {
	LeakyUpload([]string{"a", "", "c"}, func() { t.Error("one part is never up") })
}

func TestFixed22WaitGroup(t *testing.T) {
	done := false
	FixedUpload([]string{"a", "", "c"}, func() { done = true })
	if !done {
		t.Error("not done")
	}
}

func TestLeak23Cond(t *testing.T) {
	box := NewMailbox()
	box.ReadLater(func(string) {})
}

func TestFixed23Cond(t *testing.T) {
	box := NewMailbox()
	reading := box.ReadLater(func(string) {})
	box.Put("hello")
	reading.Wait()
}

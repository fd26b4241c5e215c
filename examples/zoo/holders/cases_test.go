package holders

import "testing"

func TestLeak56TwoAccounts(t *testing.T) {
	LeakyExchange(new(Account), new(Account))
}

func TestFixed56TwoAccounts(t *testing.T) {
	FixedExchange(new(Account), new(Account))
}

func TestLeak57ReadTwice(t *testing.T) {
	new(Table).Use((*Table).LeakySum)
}

func TestFixed57ReadTwice(t *testing.T) {
	new(Table).Use((*Table).FixedSum).Wait()
}

func TestLeak58ReturnsLocked(t *testing.T) {
	till := new(Till)
	if till.LeakyPay(1) == nil {
		t.Error("want an error")
	}
	PayLater(till.LeakyPay)
}

func TestFixed58ReturnsLocked(t *testing.T) {
	till := new(Till)
	if till.FixedPay(1) == nil {
		t.Error("want an error")
	}
	PayLater(till.FixedPay).Wait()
}

func TestLeak59OnceAndLock(t *testing.T) {
	new(Config).LeakyBoth()
}

func TestFixed59OnceAndLock(t *testing.T) {
	c := new(Config)
	c.LeakyGet(func() {})
	c.FixedReset()
}

package holders

import "testing"

// Every case of this package.
var cases = []struct {
	name        string
	leak, fixed func(*testing.T)
}{
	{"56TwoAccounts", TestLeak56TwoAccounts, TestFixed56TwoAccounts},
	{"57ReadTwice", TestLeak57ReadTwice, TestFixed57ReadTwice},
	{"58ReturnsLocked", TestLeak58ReturnsLocked, TestFixed58ReturnsLocked},
	{"59OnceAndLock", TestLeak59OnceAndLock, TestFixed59OnceAndLock},
}

// The same cases as subtests.
func TestTable(t *testing.T) {
	for _, c := range cases {
		t.Run("leak/"+c.name, c.leak)
		t.Run("fixed/"+c.name, c.fixed)
	}
}

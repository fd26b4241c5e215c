package locks

import "testing"

// Every case of this package.
var cases = []struct {
	name        string
	leak, fixed func(*testing.T)
}{
	{"19MutexTwice", TestLeak19MutexTwice, TestFixed19MutexTwice},
	{"20LockOrder", TestLeak20LockOrder, TestFixed20LockOrder},
	{"21RWMutex", TestLeak21RWMutex, TestFixed21RWMutex},
	{"22WaitGroup", TestLeak22WaitGroup, TestFixed22WaitGroup},
	{"23Cond", TestLeak23Cond, TestFixed23Cond},
}

// The same cases as subtests.
func TestTable(t *testing.T) {
	for _, c := range cases {
		t.Run("leak/"+c.name, c.leak)
		t.Run("fixed/"+c.name, c.fixed)
	}
}

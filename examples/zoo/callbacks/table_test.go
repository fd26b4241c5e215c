package callbacks

import "testing"

// Every case of this package.
var cases = []struct {
	name        string
	leak, fixed func(*testing.T)
}{
	{"33AfterFunc", TestLeak33AfterFunc, TestFixed33AfterFunc},
}

// The same cases as subtests.
func TestTable(t *testing.T) {
	for _, c := range cases {
		t.Run("leak/"+c.name, c.leak)
		t.Run("fixed/"+c.name, c.fixed)
	}
}

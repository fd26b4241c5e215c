package calls

import "testing"

// Every case of this package.
var cases = []struct {
	name        string
	leak, fixed func(*testing.T)
}{
	{"60ShutdownWaits", TestLeak60ShutdownWaits, TestFixed60ShutdownWaits},
	{"61GroupWaits", TestLeak61GroupWaits, TestFixed61GroupWaits},
}

// The same cases as subtests.
func TestTable(t *testing.T) {
	for _, c := range cases {
		t.Run("leak/"+c.name, c.leak)
		t.Run("fixed/"+c.name, c.fixed)
	}
}

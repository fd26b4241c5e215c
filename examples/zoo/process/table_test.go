//go:build unix

package process

import "testing"

// Every case of this package.
var cases = []struct {
	name        string
	leak, fixed func(*testing.T)
}{
	{"36CommandNotWaited", TestLeak36CommandNotWaited, TestFixed36CommandNotWaited},
	{"37SignalNotStopped", TestLeak37SignalNotStopped, TestFixed37SignalNotStopped},
	{"62BackgroundJob", TestLeak62BackgroundJob, TestFixed62BackgroundJob},
}

// The same cases as subtests.
func TestTable(t *testing.T) {
	for _, c := range cases {
		t.Run("leak/"+c.name, c.leak)
		t.Run("fixed/"+c.name, c.fixed)
	}
}

package ticking

import "testing"

// Every case of this package.
var cases = []struct {
	name        string
	leak, fixed func(*testing.T)
}{
	{"09TimeTick", TestLeak09TimeTick, TestFixed09TimeTick},
	{"10TickerStopDoesNotClose", TestLeak10TickerStopDoesNotClose, TestFixed10TickerStopDoesNotClose},
	{"15SleepLoop", TestLeak15SleepLoop, TestFixed15SleepLoop},
}

// The same cases as subtests.
func TestTable(t *testing.T) {
	for _, c := range cases {
		t.Run("leak/"+c.name, c.leak)
		t.Run("fixed/"+c.name, c.fixed)
	}
}

package timers

import "testing"

// Every case of this package.
var cases = []struct {
	name        string
	leak, fixed func(*testing.T)
}{
	{"51StoppedByMethod", TestLeak51StoppedByMethod, TestFixed51StoppedByMethod},
	{"52LongTimeout", TestLeak52LongTimeout, TestFixed52LongTimeout},
	{"53OneValue", TestLeak53OneValue, TestFixed53OneValue},
	{"54LoopWithReturn", TestLeak54LoopWithReturn, TestFixed54LoopWithReturn},
	{"55FakeClock", TestLeak55FakeClock, TestFixed55FakeClock},
}

// The same cases as subtests.
func TestTable(t *testing.T) {
	for _, c := range cases {
		t.Run("leak/"+c.name, c.leak)
		t.Run("fixed/"+c.name, c.fixed)
	}
}

package contexts

import "testing"

// Every case of this package.
var cases = []struct {
	name        string
	leak, fixed func(*testing.T)
}{
	{"24CancelForgotten", TestLeak24CancelForgotten, TestFixed24CancelForgotten},
	{"25ContextNotPassedOn", TestLeak25ContextNotPassedOn, TestFixed25ContextNotPassedOn},
	{"64CancelInField", TestLeak64CancelInField, TestFixed64CancelInField},
}

// The same cases as subtests.
func TestTable(t *testing.T) {
	for _, c := range cases {
		t.Run("leak/"+c.name, c.leak)
		t.Run("fixed/"+c.name, c.fixed)
	}
}

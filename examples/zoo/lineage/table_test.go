package lineage

import "testing"

// Every case of this package.
var cases = []struct {
	name        string
	leak, fixed func(*testing.T)
}{
	{"39Grandchild", TestLeak39Grandchild, TestFixed39Grandchild},
	{"40UnderProfilerLabels", TestLeak40UnderProfilerLabels, TestFixed40UnderProfilerLabels},
	{"41InCleanup", TestLeak41InCleanup, TestFixed41InCleanup},
}

// The same cases as subtests.
func TestTable(t *testing.T) {
	for _, c := range cases {
		t.Run("leak/"+c.name, c.leak)
		t.Run("fixed/"+c.name, c.fixed)
	}
}

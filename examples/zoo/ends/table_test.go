package ends

import "testing"

// Every case of this package.
var cases = []struct {
	name        string
	leak, fixed func(*testing.T)
}{
	{"75PipeNotRead", TestLeak75PipeNotRead, TestFixed75PipeNotRead},
	{"76TimerInMap", TestLeak76TimerInMap, TestFixed76TimerInMap},
	{"77FanIn", TestLeak77FanIn, TestFixed77FanIn},
	{"78WayOut", TestLeak78WayOut, TestFixed78WayOut},
	{"79Failed", TestLeak79Failed, TestFixed79Failed},
}

// The same cases as subtests.
func TestTable(t *testing.T) {
	for _, c := range cases {
		t.Run("leak/"+c.name, c.leak)
		t.Run("fixed/"+c.name, c.fixed)
	}
}

package meanings

import "testing"

// Every case of this package.
var cases = []struct {
	name        string
	leak, fixed func(*testing.T)
}{
	{"46DrainedTimer", TestLeak46DrainedTimer, TestFixed46DrainedTimer},
	{"47PendingTimer", TestLeak47PendingTimer, TestFixed47PendingTimer},
	{"48OwnersContext", TestLeak48OwnersContext, TestFixed48OwnersContext},
	{"49LockAcrossSend", TestLeak49LockAcrossSend, TestFixed49LockAcrossSend},
	{"50ForgottenField", TestLeak50ForgottenField, TestFixed50ForgottenField},
}

// The same cases as subtests.
func TestTable(t *testing.T) {
	for _, c := range cases {
		t.Run("leak/"+c.name, c.leak)
		t.Run("fixed/"+c.name, c.fixed)
	}
}

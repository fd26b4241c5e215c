package network

import "testing"

// Every case of this package.
var cases = []struct {
	name        string
	leak, fixed func(*testing.T)
}{
	{"26NoTimeout", TestLeak26NoTimeout, TestFixed26NoTimeout},
	{"27BodyNotClosed", TestLeak27BodyNotClosed, TestFixed27BodyNotClosed},
	{"28HandlerIgnoresContext", TestLeak28HandlerIgnoresContext, TestFixed28HandlerIgnoresContext},
	{"29AcceptLoop", TestLeak29AcceptLoop, TestFixed29AcceptLoop},
	{"30NoDeadline", TestLeak30NoDeadline, TestFixed30NoDeadline},
	{"35aDatabase", TestLeak35aDatabase, TestFixed35aDatabase},
	{"35bServer", TestLeak35bServer, TestFixed35bServer},
}

// The same cases as subtests.
func TestTable(t *testing.T) {
	for _, c := range cases {
		t.Run("leak/"+c.name, c.leak)
		t.Run("fixed/"+c.name, c.fixed)
	}
}

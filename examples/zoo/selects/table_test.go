package selects

import "testing"

// Every case of this package.
var cases = []struct {
	name        string
	leak, fixed func(*testing.T)
}{
	{"11Fibonacci", TestLeak11Fibonacci, TestFixed11Fibonacci},
	{"12SelectSingleReceive", TestLeak12SelectSingleReceive, TestFixed12SelectSingleReceive},
	{"13SelectForever", TestLeak13SelectForever, TestFixed13SelectForever},
	{"34Subscription", TestLeak34Subscription, TestFixed34Subscription},
	{"63NilChannels", TestLeak63NilChannels, TestFixed63NilChannels},
}

// The same cases as subtests.
func TestTable(t *testing.T) {
	for _, c := range cases {
		t.Run("leak/"+c.name, c.leak)
		t.Run("fixed/"+c.name, c.fixed)
	}
}

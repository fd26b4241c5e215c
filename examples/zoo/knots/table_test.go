package knots

import "testing"

// Every case of this package.
var cases = []struct {
	name        string
	leak, fixed func(*testing.T)
}{
	{"65ThroughFields", TestLeak65ThroughFields, TestFixed65ThroughFields},
	{"66ReceiverGone", TestLeak66ReceiverGone, TestFixed66ReceiverGone},
	{"67NoBroadcast", TestLeak67NoBroadcast, TestFixed67NoBroadcast},
	{"68OwnGroup", TestLeak68OwnGroup, TestFixed68OwnGroup},
	{"69NilByOrder", TestLeak69NilByOrder, TestFixed69NilByOrder},
	{"70ValueReceiver", TestLeak70ValueReceiver, TestFixed70ValueReceiver},
	{"71DoneSkipped", TestLeak71DoneSkipped, TestFixed71DoneSkipped},
	{"72OnceInItself", TestLeak72OnceInItself, TestFixed72OnceInItself},
	{"73LockedForCaller", TestLeak73LockedForCaller, TestFixed73LockedForCaller},
	{"74WhoWakes", TestLeak74WhoWakes, TestFixed74WhoWakes},
	{"80LockInCallback", TestLeak80LockInCallback, TestFixed80LockInCallback},
	{"81WaitsBeforeClose", TestLeak81WaitsBeforeClose, TestFixed81WaitsBeforeClose},
	{"82BehindInterface", TestLeak82BehindInterface, TestFixed82BehindInterface},
}

// The same cases as subtests.
func TestTable(t *testing.T) {
	for _, c := range cases {
		t.Run("leak/"+c.name, c.leak)
		t.Run("fixed/"+c.name, c.fixed)
	}
}

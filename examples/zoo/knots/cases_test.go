package knots

import "testing"

func TestLeak65ThroughFields(t *testing.T) { LeakyTrade(Open()) }

func TestFixed65ThroughFields(t *testing.T) { FixedTrade(Open()) }

func TestLeak66ReceiverGone(t *testing.T) {
	p := NewPrinter()
	p.Close()
	PrintLater(p.LeakyPrint)
}

func TestFixed66ReceiverGone(t *testing.T) {
	p := NewPrinter()
	p.Close()
	PrintLater(p.FixedPrint)
}

func TestLeak67NoBroadcast(t *testing.T) {
	r := NewRoom()
	r.Lock()
	r.LeakyLeave("Ada")
}

func TestFixed67NoBroadcast(t *testing.T) {
	r := NewRoom()
	r.Lock()
	r.FixedLeave("Ada")
}

func TestLeak68OwnGroup(t *testing.T) {
	c := NewCrew()
	c.Start(c.LeakyWork)
}

func TestFixed68OwnGroup(t *testing.T) {
	c := NewCrew()
	c.Start(c.FixedWork)
	c.wg.Wait()
}

func TestLeak69NilByOrder(t *testing.T) {
	var f Feed
	f.LeakyFollow()
	f.Close()
}

func TestFixed69NilByOrder(t *testing.T) {
	var f Feed
	f.FixedFollow()
	f.Close()
}

func TestLeak70ValueReceiver(t *testing.T) {
	var c Clock
	c.LeakyStart()
	c.Stop()
}

func TestFixed70ValueReceiver(t *testing.T) {
	var c Clock
	c.FixedStart()
	c.Stop()
}

func TestLeak71DoneSkipped(t *testing.T) { LeakyCheck(1, 2) }

func TestFixed71DoneSkipped(t *testing.T) { FixedCheck(1, 2) }

func TestLeak72OnceInItself(t *testing.T) { new(Page).Show(LeakyBegin) }

func TestFixed72OnceInItself(t *testing.T) { new(Page).Show(FixedBegin) }

func TestLeak73LockedForCaller(t *testing.T) { LeakyTour(new(Door), new(Door)) }

func TestFixed73LockedForCaller(t *testing.T) { FixedTour(new(Door), new(Door)) }

func TestLeak74WhoWakes(t *testing.T) { LeakyDay(NewDesk()) }

func TestFixed74WhoWakes(t *testing.T) { FixedDay(NewDesk()) }

func TestLeak80LockInCallback(t *testing.T) {
	var b Bell
	b.On(func() { b.On(nil) })
	b.LeakyStart()
}

func TestFixed80LockInCallback(t *testing.T) {
	var b Bell
	b.On(func() { b.On(nil) })
	b.FixedStart()
}

func TestLeak81WaitsBeforeClose(t *testing.T) {
	var m Mill
	m.Start()
	m.Shut(m.LeakyClose)
}

func TestFixed81WaitsBeforeClose(t *testing.T) {
	var m Mill
	m.Start()
	m.Shut(m.FixedClose)
}

func TestLeak82BehindInterface(t *testing.T) { LeakyView() }

func TestFixed82BehindInterface(t *testing.T) { FixedView() }

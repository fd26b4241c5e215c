package timers

import (
	"testing"
	"time"
)

func TestLeak51StoppedByMethod(t *testing.T) {
	alarm := NewAlarm(time.Hour)
	alarm.LeakyRing(func() {})
	alarm.Off()
}

func TestFixed51StoppedByMethod(t *testing.T) {
	alarm := NewAlarm(time.Hour)
	running := alarm.FixedRing(func() {})
	alarm.Off()
	running.Wait()
}

func TestLeak52LongTimeout(t *testing.T) {
	LeakyAsk(make(chan string), func(string) {})
}

func TestFixed52LongTimeout(t *testing.T) {
	FixedAsk(make(chan string), time.Millisecond, func(string) {}).Wait()
}

func TestLeak53OneValue(t *testing.T) {
	stepped := make(chan struct{}, 2)
	LeakyTwice(func() { stepped <- struct{}{} })
	<-stepped
}

func TestFixed53OneValue(t *testing.T) {
	FixedTwice(func() {}).Wait()
}

func TestLeak54LoopWithReturn(t *testing.T) {
	PollLater(new(Switch), func() {})
}

func TestFixed54LoopWithReturn(t *testing.T) {
	s := new(Switch)
	running := PollLater(s, func() {})
	s.Off()
	running.Wait()
}

func TestLeak55FakeClock(t *testing.T) {
	clock := new(FakeClock)
	Remind(clock, func() {})
}

func TestFixed55FakeClock(t *testing.T) {
	clock := new(FakeClock)
	running := Remind(clock, func() {})
	for clock.Advance() == 0 {
		time.Sleep(time.Millisecond)
	}
	running.Wait()
}

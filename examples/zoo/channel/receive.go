// Package channel holds goroutines that wait on a channel for ever.
package channel

// A Reading is one value of a sensor.
type Reading struct{ Celsius float64 }

// LeakyCalibrate starts a goroutine that waits for a reference reading that is never sent.
func LeakyCalibrate(apply func(Reading)) {
	reference := make(chan Reading)
	go func() { // started: 01
		apply(<-reference) // blocked: 01
	}()
}

// FixedCalibrate sends the reference reading, and returns when it has been applied.
func FixedCalibrate(apply func(Reading)) {
	reference := make(chan Reading)
	applied := make(chan struct{})
	go func() {
		defer close(applied)
		apply(<-reference)
	}()
	reference <- Reading{Celsius: 20}
	<-applied
}

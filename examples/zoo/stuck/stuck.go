// Package stuck holds code that makes a test hang, or the whole program fall asleep.
//
// Its leaking tests kill the test binary: they are built only with -tags stuck.
package stuck

import "sync"

// A Queue hands over one parcel. Its channel is made by Open.
type Queue struct {
	parcels chan string
}

// Open makes the channel.
func (q *Queue) Open() { q.parcels = make(chan string, 1) }

// Take waits for a parcel.
func (q *Queue) Take() string {
	return <-q.parcels // blocked: 44
}

// Put hands a parcel over.
func (q *Queue) Put(parcel string) { q.parcels <- parcel }

// LeakyHandshake lets each side wait for the other one to begin.
func LeakyHandshake() {
	hello, welcome := make(chan struct{}), make(chan struct{})
	go func() { // started: 45b
		<-hello // blocked: 45b
		close(welcome)
	}()
	<-welcome // blocked: 45a
	close(hello)
}

// FixedHandshake lets one side begin.
func FixedHandshake() {
	hello, welcome := make(chan struct{}), make(chan struct{})
	var greeting sync.WaitGroup
	greeting.Add(1)
	go func() {
		defer greeting.Done()
		<-hello
		close(welcome)
	}()
	close(hello)
	<-welcome
	greeting.Wait()
}

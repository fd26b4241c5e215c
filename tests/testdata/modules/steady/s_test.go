// Package steady leaks in ways that look different from look to look: what runs now and then, what waits for others.
package steady

import (
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"testing"
	"time"
)

var full, never = make(chan int), make(chan int)

func flush(tick <-chan time.Time, quit chan bool) {
	for {
		select {
		case <-tick:
			total := 0
			for i := range make([]int, 20000) {
				total += i
			}
			full <- total
		case <-quit:
			return
		}
	}
}

func poll(quit chan bool) {
	tick := time.NewTicker(200 * time.Microsecond)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			runtime.Gosched()
		case <-quit:
			return
		}
	}
}

func spin(stop *bool) {
	for !*stop {
		runtime.Gosched()
	}
}

func nap(stop *bool) {
	for !*stop {
		time.Sleep(100 * time.Microsecond)
	}
}

// The tick comes once, and its work is stuck.
func TestFlush(t *testing.T) { go flush(time.After(time.Millisecond), make(chan bool)) }

// Runs for a moment, 5,000 times a second.
func TestPoll(t *testing.T) { go poll(make(chan bool)) }

// Runs all the time.
func TestSpin(t *testing.T) { go spin(new(bool)) }

// Sleeps, and wakes for a moment.
func TestNap(t *testing.T) { go nap(new(bool)) }

// Two locks in two orders.
func TestLocks(t *testing.T) {
	var a, b sync.Mutex
	var both sync.WaitGroup
	both.Add(2)
	lock := func(first, second *sync.Mutex) {
		first.Lock()
		both.Done()
		both.Wait()
		second.Lock()
	}
	go lock(&a, &b)
	go lock(&b, &a)
}

// Who waits for a worker that waits.
func TestGroup(t *testing.T) {
	go func() {
		var group sync.WaitGroup
		group.Add(1)
		go func() {
			defer group.Done()
			<-never
		}()
		group.Wait()
	}()
}

// A body that is not closed, on a connection that may be looked at before the answer is there.
func TestBody(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Write(make([]byte, 20000))
	}))
	if res, err := new(http.Client).Get(server.URL); err != nil || res.StatusCode != 200 {
		t.Fatal(err)
	}
}

package mistakes

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"testing"
	"time"
)

// leaks: 1
func TestPipeline(t *testing.T) {
	halves := Halves(Squares(Numbers())) // change
	t.Log(<-halves, <-halves)
}

// leaks: 1
func TestMerged(t *testing.T) {
	merged := Merged(Numbers(), Numbers()) // change
	t.Log(<-merged)
}

// leaks: 1
func TestLockAndChannel(t *testing.T) {
	account := &Account{changes: make(chan int)}
	go account.Add(1)
	time.Sleep(5 * time.Millisecond)
	go account.Balance()
	time.Sleep(5 * time.Millisecond)
}

// leaks: 1
func TestCycle(t *testing.T) {
	a, b := &Account{}, &Account{}
	var locked sync.WaitGroup
	locked.Add(2)
	go Move(a, b, &locked)
	go Move(b, a, &locked)
}

// The function of a Once never returns, and two more ask for it.
// leaks: 1
func TestOnce(t *testing.T) {
	var once sync.Once
	ready, begun := make(chan int), make(chan int)
	load := func() {
		close(begun)
		<-ready // change
	}
	go once.Do(load)
	<-begun
	go func() { once.Do(load) }()
	go func() { once.Do(load) }()
	time.Sleep(5 * time.Millisecond)
}

// A reader of an RWMutex that never lets go holds up a writer, and the writer the readers after it.
// leaks: 1
func TestReadersAndWriter(t *testing.T) {
	var mu sync.RWMutex
	signal, begun := make(chan int), make(chan int)
	go func() {
		mu.RLock()
		defer mu.RUnlock()
		close(begun)
		<-signal // change
	}()
	<-begun
	go func() {
		mu.Lock()
		defer mu.Unlock()
	}()
	time.Sleep(5 * time.Millisecond)
	go func() {
		mu.RLock()
		defer mu.RUnlock()
	}()
	time.Sleep(5 * time.Millisecond)
}

// One waits for two workers, and one of them sends to it only afterwards.
// leaks: 1
func TestGroupAndChannel(t *testing.T) {
	var group sync.WaitGroup
	results := make(chan int)
	for i := 0; i < 2; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			results <- i // change
		}()
	}
	go func() {
		group.Wait()
		for range results {
		}
	}()
	time.Sleep(5 * time.Millisecond)
}

// A worker waits for a job that a dispatcher would send, which waits for a permit.
// leaks: 1
func TestDispatcher(t *testing.T) {
	jobs, permits, done := make(chan int), make(chan int), make(chan int)
	go func() {
		for range permits { // change
			jobs <- 1
		}
		close(jobs)
	}()
	go func() {
		for job := range jobs {
			_ = job
		}
		close(done)
	}()
	go func() {
		<-done
	}()
	time.Sleep(5 * time.Millisecond)
}

// Two locks that are forgotten, each with its waiter: two mistakes.
// leaks: 2
func TestTwoLocks(t *testing.T) {
	var first, second sync.Mutex
	first.Lock()
	second.Lock()
	go func() {
		first.Lock() // change
		first.Unlock()
	}()
	go func() {
		second.Lock() // change
		second.Unlock()
	}()
	time.Sleep(5 * time.Millisecond)
}

// Four that wait for one lock, which the test has forgotten to unlock.
// leaks: 1
func TestOneLock(t *testing.T) {
	var mu sync.Mutex
	mu.Lock()
	for i := 0; i < 4; i++ {
		go func() {
			mu.Lock() // change
			mu.Unlock()
		}()
	}
	time.Sleep(5 * time.Millisecond)
}

// A broker passes what it gets to its subscribers, one of which does not read any more.
// leaks: 1
func TestFanOut(t *testing.T) {
	in := make(chan int)
	subscribers := []chan int{make(chan int), make(chan int)}
	go func() {
		for value := range in {
			for _, subscriber := range subscribers {
				subscriber <- value // change
			}
		}
	}()
	go func() {
		for i := 0; i < 3; i++ {
			in <- i
		}
		close(in)
	}()
	<-subscribers[0]
	time.Sleep(5 * time.Millisecond)
}

// Who asks waits for an answer of one that has not got what it needs.
// leaks: 1
func TestAnswer(t *testing.T) {
	requests, data := make(chan chan int), make(chan int)
	go func() {
		for answer := range requests {
			answer <- <-data // change
		}
	}()
	go func() {
		answer := make(chan int)
		requests <- answer
		<-answer
	}()
	time.Sleep(5 * time.Millisecond)
}

// A condition that is never signalled, with three waiters.
// leaks: 1
func TestCond(t *testing.T) {
	cond := sync.NewCond(&sync.Mutex{})
	for i := 0; i < 3; i++ {
		go func() {
			cond.L.Lock()
			cond.Wait() // change
			cond.L.Unlock()
		}()
	}
	time.Sleep(5 * time.Millisecond)
}

// Two locks in two orders, through a function literal that gets them as parameters.
// leaks: 1
func TestLocksOfAClosure(t *testing.T) {
	var a, b sync.Mutex
	var locked sync.WaitGroup
	locked.Add(2)
	both := func(x, y *sync.Mutex) {
		x.Lock()
		locked.Done()
		locked.Wait()
		y.Lock() // change
		y.Unlock()
		x.Unlock()
	}
	go both(&a, &b)
	go both(&b, &a)
	locked.Wait()
	time.Sleep(5 * time.Millisecond)
}

// The stop function is dropped: the standard library's goroutine waits for it, and so does the test's.
// leaks: 1
func TestNotifyContext(t *testing.T) {
	ctx, _ := signal.NotifyContext(context.Background(), os.Interrupt)
	go func() {
		<-ctx.Done() // change
	}()
	time.Sleep(5 * time.Millisecond)
}

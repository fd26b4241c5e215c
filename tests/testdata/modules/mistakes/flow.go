package mistakes

import "sync"

// Numbers counts for ever.
func Numbers() <-chan int {
	out := make(chan int)
	go func() {
		for n := 0; ; n++ {
			out <- n
		}
	}()
	return out
}

// Squares of what comes in.
func Squares(in <-chan int) <-chan int {
	out := make(chan int)
	go func() {
		defer close(out)
		for n := range in {
			out <- n * n
		}
	}()
	return out
}

// Merged gives what comes in from both.
func Merged(a, b <-chan int) <-chan int {
	out := make(chan int)
	go forward(a, out)
	go forward(b, out)
	return out
}

func forward(in <-chan int, out chan<- int) {
	for n := range in {
		out <- n
	}
}

// Halves of what comes in.
func Halves(in <-chan int) <-chan int {
	out := make(chan int)
	go func() {
		defer close(out)
		for n := range in {
			out <- n / 2
		}
	}()
	return out
}

// Work hands jobs to three workers and collects what they give. The channel of jobs is never closed.
func Work(jobs chan int) chan int {
	results := make(chan int)
	total := make(chan int, 1)
	var workers sync.WaitGroup
	for i := 0; i < 3; i++ {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for job := range jobs {
				results <- job
			}
		}()
	}
	go func() {
		workers.Wait()
		close(results)
	}()
	go func() {
		sum := 0
		for result := range results {
			sum += result
		}
		total <- sum
	}()
	return total
}

// Account sends what happens to it, with its lock in hand.
type Account struct {
	mu      sync.Mutex
	balance int
	changes chan int
}

// Add sends the new balance.
func (a *Account) Add(n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.balance += n
	a.changes <- a.balance // change TestLockAndChannel
}

// Balance is what is there.
func (a *Account) Balance() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.balance
}

// Move locks two accounts, one after the other.
func Move(from, to *Account, locked *sync.WaitGroup) {
	from.mu.Lock()
	defer from.mu.Unlock()
	locked.Done()
	locked.Wait()
	to.mu.Lock() // change TestCycle
	defer to.mu.Unlock()
}

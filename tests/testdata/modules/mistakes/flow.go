package mistakes

import "sync"

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

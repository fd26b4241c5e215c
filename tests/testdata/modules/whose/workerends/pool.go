// Package workerends: one worker for all tests, which the first that needs it starts.
package workerends

import "sync"

var (
	start sync.Once
	jobs  = make(chan func())
)

// Submit gives the worker a job.
func Submit(job func()) {
	start.Do(func() { go work() })
	jobs <- job
}

// Stop ends the worker.
func Stop() { close(jobs) }

func work() {
	for job := range jobs {
		job()
	}
}

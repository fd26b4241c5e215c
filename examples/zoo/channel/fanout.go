package channel

import (
	"context"
	"sync"
)

// A Check tells whether a host is well.
type Check func(ctx context.Context) error

// LeakyCheckAll returns the first error. The others' errors find no reader.
func LeakyCheckAll(ctx context.Context, checks []Check) error {
	errs := make(chan error)
	for _, check := range checks {
		go func(check Check) { // started: 04
			errs <- check(ctx) // blocked: 04
		}(check)
	}
	for range checks {
		if err := <-errs; err != nil {
			return err
		}
	}
	return nil
}

// FixedCheckAll has room for every answer, and waits for all checks.
func FixedCheckAll(ctx context.Context, checks []Check) error {
	errs := make(chan error, len(checks))
	var running sync.WaitGroup
	for _, check := range checks {
		running.Add(1)
		go func(check Check) {
			defer running.Done()
			errs <- check(ctx)
		}(check)
	}
	running.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// A Replica answers a query.
type Replica struct{ Name string }

func (r Replica) ask(query string) string { return r.Name + " says " + query }

// LeakyFirst asks every replica and takes the first answer: each call leaves all but one behind.
func LeakyFirst(query string, replicas ...Replica) string {
	answers := make(chan string)
	for i := range replicas {
		go func(r Replica) { // started: 05
			answers <- r.ask(query) // blocked: 05
		}(replicas[i])
	}
	return <-answers
}

// FixedFirst has a place for each answer, and waits for the slower replicas.
func FixedFirst(query string, replicas ...Replica) string {
	answers := make(chan string, len(replicas))
	var asked sync.WaitGroup
	for i := range replicas {
		asked.Add(1)
		go func(r Replica) {
			defer asked.Done()
			answers <- r.ask(query)
		}(replicas[i])
	}
	asked.Wait()
	return <-answers
}

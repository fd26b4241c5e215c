// Package lineage holds goroutines that are hard to tie to their test.
package lineage

import (
	"context"
	"runtime/pprof"
	"sync"
)

// LeakyImport starts a coordinator that starts a reader, and ends before it.
func LeakyImport(rows <-chan string, coordinated *sync.WaitGroup) {
	coordinated.Add(1)
	go func() {
		defer coordinated.Done()
		go read(rows) // started: 39
	}()
}

func read(rows <-chan string) {
	for range rows { // blocked: 39
	}
}

// FixedImport has a coordinator that waits for its reader.
func FixedImport(rows <-chan string, coordinated *sync.WaitGroup) {
	coordinated.Add(1)
	go func() {
		defer coordinated.Done()
		var reading sync.WaitGroup
		reading.Add(1)
		go func() {
			defer reading.Done()
			for range rows {
			}
		}()
		reading.Wait()
	}()
}

// LeakyProfiled does its work under a profiler label, which replaces any other label, and takes it away at its end.
func LeakyProfiled(wake <-chan struct{}) {
	pprof.Do(context.Background(), pprof.Labels("job", "index"), func(context.Context) {
		go index(wake) // started: 40a
	})
	go compact(wake) // started: 40b
}

func index(wake <-chan struct{}) {
	<-wake // blocked: 40a
}

func compact(wake <-chan struct{}) {
	<-wake // blocked: 40b
}

// FixedProfiled waits for both.
func FixedProfiled(wake <-chan struct{}) *sync.WaitGroup {
	var working sync.WaitGroup
	working.Add(2)
	pprof.Do(context.Background(), pprof.Labels("job", "index"), func(context.Context) {
		go func() {
			defer working.Done()
			index(wake)
		}()
	})
	go func() {
		defer working.Done()
		compact(wake)
	}()
	return &working
}

// A Store writes its journal in the background.
type Store struct {
	journal chan string
	written sync.WaitGroup
}

// LeakyFlush starts a last writer, although the journal is never closed.
func (s *Store) LeakyFlush() {
	go s.write() // started: 41
}

func (s *Store) write() {
	for range s.journal { // blocked: 41
	}
}

// FixedFlush closes the journal and waits for the writer.
func (s *Store) FixedFlush() {
	s.written.Add(1)
	go func() {
		defer s.written.Done()
		s.write()
	}()
	close(s.journal)
	s.written.Wait()
}

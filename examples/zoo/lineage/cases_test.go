package lineage

import (
	"sync"
	"testing"
)

func TestLeak39Grandchild(t *testing.T) {
	var coordinated sync.WaitGroup
	LeakyImport(make(chan string), &coordinated)
	coordinated.Wait()
}

func TestFixed39Grandchild(t *testing.T) {
	var coordinated sync.WaitGroup
	rows := make(chan string)
	FixedImport(rows, &coordinated)
	close(rows)
	coordinated.Wait()
}

func TestLeak40UnderProfilerLabels(t *testing.T) {
	LeakyProfiled(make(chan struct{}))
}

func TestFixed40UnderProfilerLabels(t *testing.T) {
	wake := make(chan struct{})
	working := FixedProfiled(wake)
	close(wake)
	working.Wait()
}

func TestLeak41InCleanup(t *testing.T) {
	store := &Store{journal: make(chan string)}
	t.Cleanup(store.LeakyFlush)
}

func TestFixed41InCleanup(t *testing.T) {
	store := &Store{journal: make(chan string)}
	t.Cleanup(store.FixedFlush)
}

package labels

import (
	"context"
	"runtime/pprof"
	"testing"
)

func TestLabelsOverwritten(t *testing.T) {
	never := make(chan int)
	pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels("leakgate", "999:TestOther", "a", "]:")))
	go func() { <-never }()
}

func TestLabelsGone(t *testing.T) {
	never := make(chan int)
	pprof.SetGoroutineLabels(context.Background())
	go func() { <-never }()
}

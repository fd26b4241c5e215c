package contexts

import (
	"context"
	"testing"
)

func TestLeak24CancelForgotten(t *testing.T) {
	Open(context.Background())
}

func TestFixed24CancelForgotten(t *testing.T) {
	session := Open(context.Background())
	defer session.Close()
}

func TestLeak25ContextNotPassedOn(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var syncer Syncer
	syncer.LeakyStart(ctx)
	syncer.wake <- "readme"
}

func TestFixed25ContextNotPassedOn(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	var syncer Syncer
	syncer.FixedStart(ctx)
	syncer.wake <- "readme"
	cancel()
	syncer.running.Wait()
}

func TestLeak64CancelInField(t *testing.T) {
	Subscribe(make(chan int), func(int) {})
}

func TestFixed64CancelInField(t *testing.T) {
	Subscribe(make(chan int), func(int) {}).Shutdown()
}

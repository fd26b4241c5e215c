package ticking

import (
	"context"
	"testing"
	"time"
)

func TestLeak09TimeTick(t *testing.T) {
	flushed := make(chan struct{}, 1)
	LeakyStats(time.Millisecond, func() {
		select {
		case flushed <- struct{}{}:
		default:
		}
	})
	<-flushed
}

func TestFixed09TimeTick(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	running := FixedStats(ctx, time.Millisecond, func() {})
	cancel()
	running.Wait()
}

func TestLeak10TickerStopDoesNotClose(t *testing.T) {
	stop := LeakyHeartbeat(time.Millisecond, func() {})
	stop()
}

func TestFixed10TickerStopDoesNotClose(t *testing.T) {
	stop := FixedHeartbeat(time.Millisecond, func() {})
	stop()
}

func TestLeak15SleepLoop(t *testing.T) {
	LeakyPoll(20*time.Millisecond, func() bool { return false })
}

func TestFixed15SleepLoop(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	polling := FixedPoll(ctx, 20*time.Millisecond, func() bool { return false })
	cancel()
	polling.Wait()
}

package meanings

import (
	"context"
	"testing"
	"time"
)

func TestLeak46DrainedTimer(t *testing.T) {
	quit := make(chan struct{})
	LeakyPulse(time.Hour, quit)
	close(quit)
}

func TestFixed46DrainedTimer(t *testing.T) {
	quit := make(chan struct{})
	running := FixedPulse(time.Hour, quit)
	close(quit)
	running.Wait()
}

func TestLeak47PendingTimer(t *testing.T) {
	LeakyGrace(time.Hour, func() {})
}

func TestFixed47PendingTimer(t *testing.T) {
	off := FixedGrace(time.Hour, func() {})
	off()
}

func TestLeak48OwnersContext(t *testing.T) {
	did := make(chan struct{})
	NewRunner().Jobs <- func(context.Context) { close(did) }
	<-did
}

func TestFixed48OwnersContext(t *testing.T) {
	r := NewRunner()
	defer r.Stop()
	did := make(chan struct{})
	r.Jobs <- func(context.Context) { close(did) }
	<-did
}

func TestLeak49LockAcrossSend(t *testing.T) {
	NewLine(0).Use()
}

func TestFixed49LockAcrossSend(t *testing.T) {
	NewLine(1).Use().Wait()
}

func TestLeak50ForgottenField(t *testing.T) {
	b := NewBus()
	Fill(3, b.LeakyPublish)
}

func TestFixed50ForgottenField(t *testing.T) {
	b := NewBus()
	running := Fill(3, b.FixedPublish)
	close(b.done)
	running.Wait()
}

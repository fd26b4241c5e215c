package callbacks

import (
	"testing"
	"time"
)

func TestLeak33AfterFunc(t *testing.T) {
	begun := make(chan struct{})
	LeakyRemind(time.Millisecond, begun)
	<-begun
}

func TestFixed33AfterFunc(t *testing.T) {
	reminders, stop := FixedRemind(time.Millisecond)
	defer stop()
	<-reminders
}

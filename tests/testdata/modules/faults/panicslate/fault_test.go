package panicslate

import (
	"testing"
	"time"
)

func TestStartsIt(t *testing.T) {
	go func() {
		time.Sleep(50 * time.Millisecond)
		panic("after its test")
	}()
}

func TestNext(t *testing.T) { time.Sleep(10 * time.Second) }

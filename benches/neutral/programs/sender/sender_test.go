package sender

import (
	"sync/atomic"
	"testing"

	"neutral.test/outcome"
)

func TestMain(m *testing.M) { outcome.Main(m, func() bool { return sent.Load() != 3 }) }

func TestFirst(t *testing.T) {}

var sent atomic.Int32

// The reader leaves when the test says so; a sender that comes too late finds no reader.
func TestSender(t *testing.T) {
	words, stop := make(chan string), make(chan bool)
	go func() { // the reader
		for {
			select {
			case <-words:
			case <-stop:
				return
			}
		}
	}()
	for i := 0; i < 3; i++ {
		go func() {
			words <- "word"
			sent.Add(1)
		}()
	}
	close(stop)
}

package channel

import (
	"context"
	"errors"
	"sync"
	"testing"
)

func TestLeak01ReceiveNobodySends(t *testing.T) {
	LeakyCalibrate(func(Reading) { t.Error("no reading is ever sent") })
}

func TestFixed01ReceiveNobodySends(t *testing.T) {
	var got Reading
	FixedCalibrate(func(r Reading) { got = r })
	if got.Celsius != 20 {
		t.Errorf("applied %v", got)
	}
}

var badFile = []string{"one two", "#!three", "four"}

func TestLeak02RangeProducerReturnsEarly(t *testing.T) {
	if err := LeakyCount(badFile, func(string) {}); err == nil {
		t.Error("want an error")
	}
}

func TestFixed02RangeProducerReturnsEarly(t *testing.T) {
	n := 0
	if err := FixedCount(badFile, func(string) { n++ }); err == nil || n != 2 {
		t.Errorf("%d words, error %v", n, err)
	}
}

func TestLeak03TwoProducersNoneCloses(t *testing.T) {
	LeakyMerge([]string{"a", "b"}, []string{"c"}, func(string) {})
}

func TestFixed03TwoProducersNoneCloses(t *testing.T) {
	n := 0
	FixedMerge([]string{"a", "b"}, []string{"c"}, func(string) { n++ })
	if n != 3 {
		t.Errorf("merged %d of 3", n)
	}
}

func failing() []Check {
	down := func(context.Context) error { return errors.New("down") }
	return []Check{down, down, down, down}
}

func TestLeak04Broadcast(t *testing.T) {
	if err := LeakyCheckAll(context.Background(), failing()); err == nil {
		t.Error("want an error")
	}
}

func TestFixed04Broadcast(t *testing.T) {
	if err := FixedCheckAll(context.Background(), failing()); err == nil {
		t.Error("want an error")
	}
}

var replicas = []Replica{{"ams"}, {"fra"}, {"lhr"}}

func TestLeak05FirstResponseWins(t *testing.T) {
	for round := 0; round < 4; round++ {
		if LeakyFirst("ping", replicas...) == "" {
			t.Error("no answer")
		}
	}
}

func TestFixed05FirstResponseWins(t *testing.T) {
	for round := 0; round < 4; round++ {
		if FixedFirst("ping", replicas...) == "" {
			t.Error("no answer")
		}
	}
}

func TestLeak06Generator(t *testing.T) {
	for n := range LeakyNumbers() {
		if n == 5 {
			break
		}
	}
}

func TestFixed06Generator(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	numbers := FixedNumbers(ctx)
	for n := range numbers {
		if n == 5 {
			break
		}
	}
	cancel()
	for range numbers { // until it is closed
	}
}

func TestLeak07RandomStream(t *testing.T) {
	stream := LeakyRandom()
	for i := 0; i < 3; i++ {
		<-stream
	}
}

func TestFixed07RandomStream(t *testing.T) {
	var ended sync.WaitGroup
	done := make(chan struct{})
	stream := FixedRandom(done, &ended)
	for i := 0; i < 3; i++ {
		<-stream
	}
	close(done)
	ended.Wait()
}

func TestLeak08BufferFull(t *testing.T) {
	if got := <-LeakyAudit([]string{"login", "read", "write", "logout"}); got != "login" {
		t.Errorf("got %q", got)
	}
}

func TestFixed08BufferFull(t *testing.T) {
	if got := <-FixedAudit([]string{"login", "read", "write", "logout"}); got != "login" {
		t.Errorf("got %q", got)
	}
}

func TestLeak16NilReceive(t *testing.T) {
	LeakyWatch(NewFeed(false), func(int) { t.Error("no price is ever sent") })
}

func TestFixed16NilReceive(t *testing.T) {
	feed := NewFeed(true)
	wait := FixedWatch(feed, func(int) {})
	feed.prices <- 7
	wait()
}

func TestLeak17NilSend(t *testing.T) {
	LeakyPublish(NewFeed(false), 7)
}

func TestFixed17NilSend(t *testing.T) {
	feed := NewFeed(true)
	var published sync.WaitGroup
	published.Add(1)
	go func() {
		defer published.Done()
		feed.publishFixed(7)
	}()
	<-feed.prices
	published.Wait()
}

func TestLeak18NilRange(t *testing.T) {
	var queue chan int
	LeakyWorker(queue, func(int) {})
}

func TestFixed18NilRange(t *testing.T) {
	var queue chan int
	stop := make(chan struct{})
	running := FixedWorker(queue, func(int) {}, stop)
	close(stop)
	running.Wait()
}

package selects

import (
	"testing"
	"time"
)

func TestLeak11Fibonacci(t *testing.T) {
	numbers, _ := LeakyFibonacci()
	for i := 0; i < 10; i++ {
		<-numbers
	}
}

func TestFixed11Fibonacci(t *testing.T) {
	numbers, stop := FixedFibonacci()
	for i := 0; i < 10; i++ {
		<-numbers
	}
	stop()
}

func TestLeak12SelectSingleReceive(t *testing.T) {
	LeakyAwait(make(chan string), func(string) { t.Error("there is no acknowledgement") })
}

func TestFixed12SelectSingleReceive(t *testing.T) {
	FixedAwait(make(chan string), time.Millisecond, func(string) {}).Wait()
}

func TestLeak13SelectForever(t *testing.T) {
	LeakyKeepAlive(func() {})
}

func TestFixed13SelectForever(t *testing.T) {
	stop := make(chan struct{})
	session := FixedKeepAlive(func() {}, stop)
	close(stop)
	session.Wait()
}

func TestLeak34Subscription(t *testing.T) {
	var bus Bus
	got := make(chan string, 1)
	bus.Subscribe(func(event string) { got <- event })
	bus.Publish("created")
	if event := <-got; event != "created" {
		t.Errorf("got %q", event)
	}
}

func TestFixed34Subscription(t *testing.T) {
	var bus Bus
	got := make(chan string, 1)
	t.Cleanup(bus.Subscribe(func(event string) { got <- event }))
	bus.Publish("created")
	if event := <-got; event != "created" {
		t.Errorf("got %q", event)
	}
}

func TestLeak63NilChannels(t *testing.T) {
	LeakyMerge()
}

func TestFixed63NilChannels(t *testing.T) {
	<-FixedMerge()
}

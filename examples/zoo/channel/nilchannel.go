package channel

import "sync"

// A Feed delivers prices. Its channel is made only when it goes live.
type Feed struct {
	prices chan int
}

// NewFeed makes the channel on one branch only: that is the bug of 16 and 17.
func NewFeed(live bool) *Feed {
	feed := &Feed{}
	if live {
		feed.prices = make(chan int)
	}
	return feed
}

// LeakyWatch waits for a price of a feed that was never live.
func LeakyWatch(feed *Feed, seen func(int)) {
	go func() { // started: 16
		seen(<-feed.prices) // blocked: 16
	}()
}

// FixedWatch is handed a live feed, and waits until the price was seen.
func FixedWatch(feed *Feed, seen func(int)) (wait func()) {
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		seen(<-feed.prices)
	}()
	return func() { <-watched }
}

// LeakyPublish sends into a feed that was never live.
func LeakyPublish(feed *Feed, price int) {
	go feed.publish(price) // started: 17
}

func (f *Feed) publish(price int) {
	f.prices <- price // blocked: 17
}

func (f *Feed) publishFixed(price int) {
	f.prices <- price
}

// LeakyWorker works off whatever queue it is handed: a nil one has no end.
func LeakyWorker(queue <-chan int, work func(int)) {
	go func() { // started: 18
		for job := range queue { // blocked: 18
			work(job)
		}
	}()
}

// FixedWorker can be told to stop, whatever its queue is.
func FixedWorker(queue <-chan int, work func(int), stop <-chan struct{}) *sync.WaitGroup {
	var running sync.WaitGroup
	running.Add(1)
	go func() {
		defer running.Done()
		for {
			select {
			case job := <-queue:
				work(job)
			case <-stop:
				return
			}
		}
	}()
	return &running
}

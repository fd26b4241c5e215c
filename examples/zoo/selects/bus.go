package selects

import "sync"

// A Bus hands each event to every subscriber.
type Bus struct {
	mu   sync.Mutex
	subs map[*subscription]bool
}

type subscription struct {
	events  chan string
	closing chan struct{}
	ended   chan struct{}
}

// Subscribe calls handle for each event until the returned function is called.
func (b *Bus) Subscribe(handle func(string)) (unsubscribe func()) {
	sub := &subscription{
		events:  make(chan string),
		closing: make(chan struct{}),
		ended:   make(chan struct{}),
	}
	b.mu.Lock()
	if b.subs == nil {
		b.subs = make(map[*subscription]bool)
	}
	b.subs[sub] = true
	b.mu.Unlock()
	go sub.run(handle) // started: 34
	return func() {
		b.mu.Lock()
		delete(b.subs, sub)
		b.mu.Unlock()
		close(sub.closing)
		<-sub.ended
	}
}

func (s *subscription) run(handle func(string)) {
	defer close(s.ended)
	for {
		select { // blocked: 34
		case event := <-s.events:
			handle(event)
		case <-s.closing:
			return
		}
	}
}

// Publish waits until every subscriber has taken the event.
func (b *Bus) Publish(event string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for sub := range b.subs {
		sub.events <- event
	}
}

package mistakes

import (
	"context"
	"sync"
	"time"
)

// Router passes messages to its handlers until it is closed.
type Router struct {
	handlers []func(string)
	messages chan string
	closing  chan struct{}
	running  sync.WaitGroup
}

// NewRouter makes one.
func NewRouter(handlers ...func(string)) *Router {
	return &Router{handlers: handlers, messages: make(chan string), closing: make(chan struct{})}
}

// Run returns when the router has been closed and all its handlers have ended.
func (r *Router) Run() {
	for _, handle := range r.handlers {
		r.running.Add(1)
		go r.handler(handle)
	}
	r.running.Add(1)
	go r.janitor()
	go r.watchClose()
	r.running.Wait()
}

func (r *Router) handler(handle func(string)) {
	defer r.running.Done()
	for {
		select {
		case message := <-r.messages:
			handle(message)
		case <-r.closing:
			return
		}
	}
}

func (r *Router) janitor() {
	defer r.running.Done()
	ticker := time.NewTicker(time.Minute)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-r.closing:
			return
		}
	}
}

func (r *Router) watchClose() {
	<-r.closing
}

// Close ends it.
func (r *Router) Close() { close(r.closing) }

// Agent has several loops that its constructor starts.
type Agent struct {
	stop   chan struct{}
	events chan string
	wg     sync.WaitGroup
}

// NewAgent starts the loops of an agent.
func NewAgent() *Agent {
	a := &Agent{stop: make(chan struct{}), events: make(chan string)}
	a.wg.Add(4)
	go a.gossip()
	go a.probe()
	go a.serve()
	go a.reap()
	return a
}

func (a *Agent) gossip() { defer a.wg.Done(); <-a.stop }
func (a *Agent) probe() {
	defer a.wg.Done()
	for {
		select {
		case <-time.After(time.Hour):
		case <-a.stop:
			return
		}
	}
}
func (a *Agent) serve() {
	defer a.wg.Done()
	for {
		select {
		case <-a.events:
		case <-a.stop:
			return
		}
	}
}
func (a *Agent) reap() {
	defer a.wg.Done()
	select {
	case a.events <- "reaped":
	case <-a.stop:
	}
	<-a.stop
}

// Shutdown ends it.
func (a *Agent) Shutdown() {
	close(a.stop)
	a.wg.Wait()
}

// Pump calls a function now and then.
type Pump struct{ done chan struct{} }

// NewPump starts one.
func NewPump(ctx context.Context) *Pump {
	p := &Pump{done: make(chan struct{})}
	go p.loop(ctx)
	return p
}

func (p *Pump) loop(ctx context.Context) {
	for {
		select {
		case <-p.done:
			return
		case <-ctx.Done():
			return
		}
	}
}

// Stop ends it.
func (p *Pump) Stop() { close(p.done) }

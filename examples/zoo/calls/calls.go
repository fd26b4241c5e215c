// Package calls holds goroutines inside a call of the standard library, which waits for something else in turn.
package calls

import (
	"context"
	"net"
	"net/http"
	"sync"
)

// A Site serves requests.
type Site struct {
	server *http.Server
	In     chan struct{}
	done   chan struct{}
	served sync.WaitGroup
}

// Serve starts a site whose handler waits until the site is done.
func Serve() (*Site, string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", err
	}
	s := &Site{In: make(chan struct{}), done: make(chan struct{})}
	s.server = &http.Server{Handler: http.HandlerFunc(s.handle)}
	s.served.Add(1)
	go func() {
		defer s.served.Done()
		_ = s.server.Serve(listener)
	}()
	return s, listener.Addr().String(), nil
}

func (s *Site) handle(http.ResponseWriter, *http.Request) {
	close(s.In)
	<-s.done // blocked: 60a
}

// LeakyStop waits for the requests that are served, without an end.
func (s *Site) LeakyStop() {
	go func() { // started: 60b
		_ = s.server.Shutdown(context.Background()) // blocked: 60b
	}()
}

// FixedStop lets the requests end first.
func (s *Site) FixedStop() error {
	close(s.done)
	err := s.server.Shutdown(context.Background())
	s.served.Wait()
	return err
}

// Request sends one, and does not wait for the answer.
func Request(address string) (net.Conn, error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	_, err = conn.Write([]byte("GET / HTTP/1.1\r\nHost: zoo\r\nConnection: close\r\n\r\n"))
	return conn, err
}

// A Crew works on orders.
type Crew struct {
	Orders chan int
	all    sync.WaitGroup
}

// Start lets the crew work.
func Start() *Crew {
	c := &Crew{Orders: make(chan int)}
	c.all.Add(1)
	go c.work() // started: 61a
	return c
}

func (c *Crew) work() {
	defer c.all.Done()
	for range c.Orders { // blocked: 61a
	}
}

// LeakyAfter calls f when the crew has ended, which it does not.
func (c *Crew) LeakyAfter(f func()) {
	go func() { // started: 61b
		c.all.Wait() // blocked: 61b
		f()
	}()
}

// FixedAfter ends the crew first.
func (c *Crew) FixedAfter(f func()) {
	close(c.Orders)
	c.all.Wait()
	f()
}

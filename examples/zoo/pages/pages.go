// Package pages holds the short pairs that the pages of docs/causes show and that are no case of the zoo's table.
package pages

import (
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"time"
)

// An Outbox tells its sender when there is mail.
type Outbox struct {
	mu      sync.Mutex
	changed *sync.Cond
	mail    []string
	closed  bool
}

// LeakyClose forgets the sender that waits for mail.
func (o *Outbox) LeakyClose() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
}

// FixedClose wakes it: the condition has changed.
func (o *Outbox) FixedClose() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
	o.changed.Broadcast()
}

// Send waits for mail, or for the end.
func (o *Outbox) Send(send func(string)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for len(o.mail) == 0 && !o.closed {
		o.changed.Wait()
	}
	for _, letter := range o.mail {
		send(letter)
	}
}

// A Config is loaded once.
type Config struct {
	once   sync.Once
	values map[string]string
}

// LeakyGet asks for the default of a missing value: inside of Do, Get calls Do again.
func (c *Config) LeakyGet(key string) string {
	c.once.Do(func() {
		c.values = map[string]string{"host": "localhost"}
		c.values["url"] = "http://" + c.LeakyGet("host")
	})
	return c.values[key]
}

// FixedGet uses what it has just made.
func (c *Config) FixedGet(key string) string {
	c.once.Do(func() {
		c.values = map[string]string{"host": "localhost"}
		c.values["url"] = "http://" + c.values["host"]
	})
	return c.values[key]
}

// LeakyFetch leaves the connection of its own transport open for the next request, which never comes.
func LeakyFetch(url string) error {
	client := &http.Client{Transport: &http.Transport{}}
	response, err := client.Get(url)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return err
}

// FixedFetch closes it.
func FixedFetch(url string) error {
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	response, err := client.Get(url)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return err
}

// LeakyAccept has no way to end.
func LeakyAccept(listener net.Listener, handle func(net.Conn)) {
	go func() {
		for {
			if conn, err := listener.Accept(); err == nil {
				handle(conn)
			}
		}
	}()
}

// FixedAccept ends when its listener is closed, which stop does.
func FixedAccept(listener net.Listener, handle func(net.Conn)) (stop func()) {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			handle(conn)
		}
	}()
	return func() {
		listener.Close()
		<-ended
	}
}

// LeakyServe gives the caller nothing to stop the server with.
func LeakyServe(listener net.Listener, handler http.Handler) {
	go http.Serve(listener, handler)
}

// FixedServe returns the way to close it.
func FixedServe(listener net.Listener, handler http.Handler) (stop func()) {
	server := &http.Server{Handler: handler}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Serve(listener)
	}()
	return func() {
		server.Close()
		<-ended
	}
}

// A Metrics client sends what it gathered, every now and then.
type Metrics struct {
	stop  chan struct{}
	ended sync.WaitGroup
}

// NewMetrics starts its loop; Close ends it.
func NewMetrics(flush func()) *Metrics {
	m := &Metrics{stop: make(chan struct{})}
	m.ended.Add(1)
	go func() {
		defer m.ended.Done()
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-m.stop:
				return
			case <-tick.C:
				flush()
			}
		}
	}()
	return m
}

// Close ends the loop.
func (m *Metrics) Close() {
	close(m.stop)
	m.ended.Wait()
}

// LeakyMeasured never closes its client.
func LeakyMeasured(work func()) {
	metrics := NewMetrics(func() {})
	_ = metrics
	work()
}

// FixedMeasured does.
func FixedMeasured(work func()) {
	metrics := NewMetrics(func() {})
	defer metrics.Close()
	work()
}

// LeakyTail reads from a pipe whose writer stays open.
func LeakyTail(r io.Reader, line func([]byte)) {
	go func() {
		buffer := make([]byte, 1024)
		for {
			n, err := r.Read(buffer)
			if err != nil {
				return
			}
			line(buffer[:n])
		}
	}()
}

// FixedTail can be stopped: closing a pipe ends the read in progress.
func FixedTail(r *os.File, line func([]byte)) (stop func()) {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		buffer := make([]byte, 1024)
		for {
			n, err := r.Read(buffer)
			if err != nil {
				return
			}
			line(buffer[:n])
		}
	}()
	return func() {
		r.Close()
		<-ended
	}
}

// LeakyRun starts a command whose output is copied, and never waits for it.
func LeakyRun(out io.Writer, name string, args ...string) error {
	command := exec.Command(name, args...)
	command.Stdout = out
	return command.Start()
}

// FixedRun waits: that also ends the copying.
func FixedRun(out io.Writer, name string, args ...string) error {
	command := exec.Command(name, args...)
	command.Stdout = out
	if err := command.Start(); err != nil {
		return err
	}
	return command.Wait()
}

// A Handle gives its number back when no code holds it any more.
type Handle struct{ number int }

// LeakyHandle blocks the goroutine that runs all finalizers until a caller takes the number.
func LeakyHandle(number int, returned chan<- int) *Handle {
	handle := &Handle{number}
	runtime.SetFinalizer(handle, func(h *Handle) {
		returned <- h.number
	})
	return handle
}

// FixedHandle never waits in a finalizer.
func FixedHandle(number int, returned chan<- int) *Handle {
	handle := &Handle{number}
	runtime.SetFinalizer(handle, func(h *Handle) {
		select {
		case returned <- h.number:
		default:
		}
	})
	return handle
}

package network

import (
	"context"
	"net"
	"net/http"
	"sync"
)

// LeakyReport is a handler that starts a calculation and does not wait for it when the client can't.
func LeakyReport(calculate func() string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		result := make(chan string)
		go func() { // started: 28
			result <- calculate() // blocked: 28
		}()
		select {
		case <-r.Context().Done():
		case <-impatient(r):
			w.WriteHeader(http.StatusAccepted)
		case text := <-result:
			_, _ = w.Write([]byte(text))
		}
	}
}

// FixedReport has room for the result, tells the calculation to stop, and waits for it.
func FixedReport(calculate func(context.Context) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithCancel(r.Context())
		result := make(chan string, 1)
		finished := make(chan struct{})
		go func() {
			defer close(finished)
			result <- calculate(ctx)
		}()
		select {
		case <-impatient(r):
			w.WriteHeader(http.StatusAccepted)
		case text := <-result:
			_, _ = w.Write([]byte(text))
		}
		cancel()
		<-finished
	}
}

// impatient is ready at once if the client said that it prefers an answer without content.
func impatient(r *http.Request) <-chan struct{} {
	if r.Header.Get("Prefer") != "respond-async" {
		return nil
	}
	ready := make(chan struct{})
	close(ready)
	return ready
}

// An Echo server accepts connections and closes them.
type Echo struct {
	listener net.Listener
	serving  sync.WaitGroup
}

// Listen opens a port on the loopback interface and serves it until Close.
func Listen() (*Echo, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	e := &Echo{listener: listener}
	e.serving.Add(1)
	go e.serve() // started: 29
	return e, nil
}

func (e *Echo) serve() {
	defer e.serving.Done()
	for {
		conn, err := e.listener.Accept() // blocked: 29
		if err != nil {
			return
		}
		conn.Close()
	}
}

// Close ends the service.
func (e *Echo) Close() {
	e.listener.Close()
	e.serving.Wait()
}

// An API is an HTTP server in the background.
type API struct {
	server  http.Server
	serving sync.WaitGroup
}

// Start serves on the loopback interface until Close.
func (a *API) Start() error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	a.serving.Add(1)
	go func() { // started: 35b
		defer a.serving.Done()
		_ = a.server.Serve(listener) // blocked: 35b
	}()
	return nil
}

// Close ends the service.
func (a *API) Close() error {
	err := a.server.Close()
	a.serving.Wait()
	return err
}

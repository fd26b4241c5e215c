package roots

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// Agent has several loops that its constructor starts.
type Agent struct{ stop chan struct{} }

// NewAgent starts the loops of an agent.
func NewAgent() *Agent {
	a := &Agent{stop: make(chan struct{})}
	go a.gossip()
	go a.probe()
	go a.serve()
	go a.reap()
	return a
}

func (a *Agent) gossip() { <-a.stop }
func (a *Agent) probe()  { <-a.stop }
func (a *Agent) serve()  { <-a.stop }
func (a *Agent) reap()   { <-a.stop }

// Shutdown ends it.
func (a *Agent) Shutdown() { close(a.stop) }

// The server, its end of the connection, and the two loops of the client's end.
func TestServer(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") }))
	client := &http.Client{Transport: &http.Transport{}}
	resp, err := client.Get(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	io.Copy(io.Discard, resp.Body)
}

func TestAgent(t *testing.T) {
	a := NewAgent()
	_ = a
	time.Sleep(5 * time.Millisecond)
}

func TestTidy(t *testing.T) {
	a := NewAgent()
	a.Shutdown()
}

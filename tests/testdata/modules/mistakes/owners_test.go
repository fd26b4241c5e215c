package mistakes

import (
	"bufio"
	"context"
	"database/sql"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"testing"
	"time"
)

// The reader of a clock ends when the clock does.
// leaks: 1
func TestClock(t *testing.T) {
	clock := NewClock(time.Hour) // change
	go func() {
		for range clock.beats {
		}
	}()
	time.Sleep(5 * time.Millisecond)
}

// The ticker that the test makes itself, and who reads what it gives.
// leaks: 1
func TestTickerAndReader(t *testing.T) {
	ticker := time.NewTicker(time.Hour)
	beats := make(chan time.Time)
	go func() {
		defer close(beats)
		for at := range ticker.C { // change
			beats <- at
		}
	}()
	go func() {
		for range beats {
		}
	}()
	time.Sleep(5 * time.Millisecond)
}

// leaks: 1
func TestService(t *testing.T) {
	s := StartService(context.Background()) // change
	_ = s
	time.Sleep(5 * time.Millisecond)
}

// The second agent is ended twice over, the first one never.
// leaks: 1
func TestWrongVariable(t *testing.T) {
	first := NewAgent() // change
	second := NewAgent()
	defer second.Shutdown()
	_ = first
	time.Sleep(5 * time.Millisecond)
}

// leaks: 1
func TestBus(t *testing.T) {
	bus := NewBus(3) // change
	bus.Publish("hello")
	time.Sleep(5 * time.Millisecond)
}

// leaks: 1
func TestDatabase(t *testing.T) {
	db, err := sql.Open("fake", "") // change
	if err != nil {
		t.Fatal(err)
	}
	db.Ping()
}

// leaks: 1
func TestStore(t *testing.T) {
	store, err := OpenStore() // change
	if err != nil {
		t.Fatal(err)
	}
	store.Ping()
}

// A transaction that is left open, in a database that is closed. What waits for it ends with its context.
// leaks: 1
func TestTransaction(t *testing.T) {
	db, err := sql.Open("fake", "")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	_ = cancel
	if _, err := db.BeginTx(ctx, nil); err != nil { // change
		t.Fatal(err)
	}
	db.Close()
}

// One reads what a child process prints; it is never told to end.
// leaks: 1
func TestCommand(t *testing.T) {
	cmd := exec.Command("sleep", "30")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := make(chan string)
	go func() {
		defer close(lines)
		scanner := bufio.NewScanner(out)
		for scanner.Scan() {
			lines <- scanner.Text()
		}
	}()
	go func() {
		for range lines {
		}
	}()
	go cmd.Wait() // change
	time.Sleep(20 * time.Millisecond)
}

// A command whose output goes to a writer of its own: exec copies it in goroutines.
// leaks: 1
func TestCommandCopies(t *testing.T) {
	cmd := exec.Command("sleep", "30")
	cmd.Stdout, cmd.Stderr = io.Discard, writer{}
	cmd.Stdin = &silent{}
	if err := cmd.Start(); err != nil { // change
		t.Fatal(err)
	}
	time.Sleep(20 * time.Millisecond)
}

type writer struct{}

func (writer) Write(p []byte) (int, error) { return len(p), nil }

type silent struct{}

func (*silent) Read(p []byte) (int, error) { return 0, io.EOF }

// A server, a client with a request in flight, and a context: the server's Close would wait for its handler, which waits
// for the client, which waits for the context.
// leaks: 1
func TestRequestInFlight(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	_ = cancel
	in := make(chan int)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(in)
		<-r.Context().Done()
	}))
	go func() {
		request, _ := http.NewRequestWithContext(ctx, "GET", srv.URL, nil)
		client := &http.Client{Transport: &http.Transport{}}
		client.Do(request) // change
	}()
	<-in
	go srv.Close()
	time.Sleep(20 * time.Millisecond)
}

// leaks: 2
func TestServerAndService(t *testing.T) {
	srv := httptest.NewServer(hello) // change
	client := &http.Client{Transport: &http.Transport{}}
	read(t, client, srv.URL)
	StartService(context.Background()) // change
	time.Sleep(5 * time.Millisecond)
}

// leaks: 3
func TestThreeOwners(t *testing.T) {
	StartService(context.Background()) // change
	NewBus(2)                          // change
	NewAgent()                         // change
	time.Sleep(5 * time.Millisecond)
}

// leaks: 1
func TestGauge(t *testing.T) {
	g := NewGauge() // change
	defer g.Close()
}

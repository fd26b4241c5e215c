package mistakes

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

var hello = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") })

func read(t *testing.T, client *http.Client, url string) {
	t.Helper()
	resp, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	io.Copy(io.Discard, resp.Body)
}

// leaks: 1
func TestServer(t *testing.T) {
	srv := httptest.NewServer(hello) // change
	client := &http.Client{Transport: &http.Transport{}}
	read(t, client, srv.URL)
}

// leaks: 1
func TestBody(t *testing.T) {
	srv := httptest.NewServer(hello)
	client := &http.Client{Transport: &http.Transport{}}
	resp, err := client.Get(srv.URL) // change
	if err != nil {
		t.Fatal(err)
	}
	t.Log(resp.Status)
	srv.CloseClientConnections()
	srv.Close()
}

// leaks: 2
func TestServerAndBody(t *testing.T) {
	srv := httptest.NewServer(hello) // change
	client := &http.Client{Transport: &http.Transport{}}
	resp, err := client.Get(srv.URL) // change
	if err != nil {
		t.Fatal(err)
	}
	t.Log(resp.Status)
}

// leaks: 2
func TestServerAndContext(t *testing.T) {
	srv := httptest.NewServer(hello) // change
	client := &http.Client{Transport: &http.Transport{}}
	read(t, client, srv.URL)
	ctx, cancel := context.WithCancel(context.Background())
	_ = cancel
	go func() {
		<-ctx.Done() // change
	}()
}

// leaks: 1
func TestRouter(t *testing.T) {
	r := NewRouter(func(string) {}, func(string) {})
	go r.Run() // change
	r.messages <- "hello"
}

// leaks: 1
func TestAgent(t *testing.T) {
	a := NewAgent() // change
	time.Sleep(5 * time.Millisecond)
	_ = a
}

// leaks: 1
func TestPool(t *testing.T) {
	jobs := make(chan int)
	Work(jobs) // change
	jobs <- 1
	jobs <- 2
}

// leaks: 2
func TestTwoKinds(t *testing.T) {
	values := make(chan int)
	go func() {
		values <- 1 // change
	}()
	never := make(chan int)
	go func() {
		<-never // change
	}()
}

// leaks: 2
func TestTwoOfOneKind(t *testing.T) {
	first, second := make(chan int), make(chan int)
	go func() {
		first <- 1 // change
	}()
	go func() {
		second <- 1 // change
	}()
}

// leaks: 1
func TestEqualOne(t *testing.T) {
	p := NewPump(context.Background()) // change
	_ = p
}

// leaks: 1
func TestEqualTwo(t *testing.T) {
	p := NewPump(context.Background()) // change
	_ = p
}

// leaks: 2
func TestTwoPumps(t *testing.T) {
	p := NewPump(context.Background()) // change
	q := NewPump(context.Background()) // change
	_, _ = p, q
}

// leaks: 1
func TestMany(t *testing.T) {
	answers := make(chan int)
	for i := 0; i < 1000; i++ {
		go func() {
			answers <- i // change
		}()
	}
	<-answers
}

// leaks: 1
func TestNested(t *testing.T) {
	stop := make(chan struct{})
	go func() {
		go func() {
			<-stop
		}()
		<-stop // change
	}()
	time.Sleep(5 * time.Millisecond)
}

// leaks: 1
func TestHandler(t *testing.T) {
	never := make(chan int)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		go func() {
			<-never // change
		}()
	}))
	t.Cleanup(srv.Close)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	read(t, client, srv.URL)
}

// leaks: 2
func TestServerAndHandler(t *testing.T) {
	never := make(chan int)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { // change
		go func() {
			<-never // change
		}()
	}))
	client := &http.Client{Transport: &http.Transport{}}
	read(t, client, srv.URL)
}

// leaks: 0
func TestTidy(t *testing.T) {
	srv := httptest.NewServer(hello)
	defer srv.Close()
	client := srv.Client()
	read(t, client, srv.URL)
	p := NewPump(context.Background())
	p.Stop()
	a := NewAgent()
	a.Shutdown()
}

package network

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"testing"
	"time"
)

// silent is the address of a server that accepts connections and says nothing. It lives as long as the tests do.
var silent string

func TestMain(m *testing.M) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	silent = listener.Addr().String()
	var serving sync.WaitGroup
	serving.Add(1)
	go func() {
		defer serving.Done()
		var conns []net.Conn
		for {
			conn, err := listener.Accept()
			if err != nil {
				break
			}
			conns = append(conns, conn)
		}
		for _, conn := range conns {
			conn.Close()
		}
	}()
	code := m.Run()
	listener.Close()
	serving.Wait()
	os.Exit(code)
}

func TestLeak26NoTimeout(t *testing.T) {
	client, _ := NewClient()
	LeakyPing(client, "http://"+silent, func(error) {})
}

func TestFixed26NoTimeout(t *testing.T) {
	client, transport := NewClient()
	defer transport.CloseIdleConnections()
	FixedPing(client, "http://"+silent, 5*time.Millisecond, func(err error) {
		if err == nil {
			t.Error("want an error")
		}
	}).Wait()
}

func hello(w http.ResponseWriter, _ *http.Request) {
	_, _ = w.Write([]byte("hello\n"))
}

func TestLeak27BodyNotClosed(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(hello))
	defer server.Close()
	client, _ := NewClient()
	if code, err := LeakyStatus(client, server.URL); code != http.StatusOK {
		t.Error(code, err)
	}
}

func TestFixed27BodyNotClosed(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(hello))
	defer server.Close()
	client, transport := NewClient()
	defer transport.CloseIdleConnections()
	if code, err := FixedStatus(client, server.URL); code != http.StatusOK {
		t.Error(code, err)
	}
}

// ask sends an impatient request to a server of its own.
func ask(t *testing.T, handler http.Handler) {
	server := httptest.NewServer(handler)
	defer server.Close()
	client, transport := NewClient()
	defer transport.CloseIdleConnections()
	request, err := http.NewRequest(http.MethodGet, server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Prefer", "respond-async")
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusAccepted {
		t.Error(response.Status)
	}
}

func TestLeak28HandlerIgnoresContext(t *testing.T) {
	answered := make(chan struct{})
	defer close(answered)
	ask(t, LeakyReport(func() string { <-answered; return "42" }))
}

func TestFixed28HandlerIgnoresContext(t *testing.T) {
	ask(t, FixedReport(func(ctx context.Context) string { <-ctx.Done(); return "" }))
}

func TestLeak29AcceptLoop(t *testing.T) {
	if _, err := Listen(); err != nil {
		t.Fatal(err)
	}
}

func TestFixed29AcceptLoop(t *testing.T) {
	echo, err := Listen()
	if err != nil {
		t.Fatal(err)
	}
	echo.Close()
}

func dial(t *testing.T) net.Conn {
	conn, err := net.Dial("tcp", silent)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

func TestLeak30NoDeadline(t *testing.T) {
	LeakyGreet(dial(t), func(string) {})
}

func TestFixed30NoDeadline(t *testing.T) {
	FixedGreet(dial(t), time.Millisecond, func(string) {}).Wait()
}

func TestLeak35aDatabase(t *testing.T) {
	if err := LeakyCheckDatabase(context.Background()); err != nil {
		t.Error(err)
	}
}

func TestFixed35aDatabase(t *testing.T) {
	if err := FixedCheckDatabase(context.Background()); err != nil {
		t.Error(err)
	}
}

func TestLeak35bServer(t *testing.T) {
	var api API
	if err := api.Start(); err != nil {
		t.Fatal(err)
	}
}

func TestFixed35bServer(t *testing.T) {
	var api API
	if err := api.Start(); err != nil {
		t.Fatal(err)
	}
	if err := api.Close(); err != nil {
		t.Error(err)
	}
}

package pages

import (
	"bytes"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"testing"
)

func TestFixedClose(t *testing.T) {
	outbox := &Outbox{}
	outbox.changed = sync.NewCond(&outbox.mu)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		outbox.Send(func(string) {})
	}()
	outbox.FixedClose()
	<-ended
}

func TestFixedGet(t *testing.T) {
	if got := new(Config).FixedGet("url"); got != "http://localhost" {
		t.Errorf("got %q", got)
	}
}

func TestFixedFetch(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	if err := FixedFetch(server.URL); err != nil {
		t.Error(err)
	}
}

func listen(t *testing.T) net.Listener {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return listener
}

func TestFixedAccept(t *testing.T) {
	FixedAccept(listen(t), func(conn net.Conn) { conn.Close() })()
}

func TestFixedServe(t *testing.T) {
	FixedServe(listen(t), http.NotFoundHandler())()
}

func TestFixedMeasured(t *testing.T) {
	FixedMeasured(func() {})
}

func TestFixedTail(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	FixedTail(r, func([]byte) {})()
}

func TestFixedRun(t *testing.T) {
	var out bytes.Buffer
	if err := FixedRun(&out, os.Args[0], "-test.list=^TestFixedRun$"); err != nil {
		t.Error(err)
	}
}

func TestFixedHandle(t *testing.T) {
	if FixedHandle(7, make(chan int)).number != 7 {
		t.Error("not seven")
	}
}

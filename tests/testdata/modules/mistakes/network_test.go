package mistakes

import (
	"io"
	"net"
	"testing"
	"time"
)

// leaks: 1
func TestConnection(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	accepted := make(chan net.Conn)
	go func() {
		conn, err := listener.Accept()
		if err == nil {
			accepted <- conn
		}
	}()
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	go io.Copy(io.Discard, conn) // change
	go io.Copy(io.Discard, <-accepted)
	listener.Close()
	time.Sleep(5 * time.Millisecond)
}

// leaks: 1
func TestPipeConnection(t *testing.T) {
	client, server := net.Pipe()
	go func() {
		buffer := make([]byte, 1)
		client.Read(buffer) // change
	}()
	go func() {
		buffer := make([]byte, 1)
		server.Read(buffer)
	}()
	time.Sleep(5 * time.Millisecond)
}

// Neither the server nor its client is closed: the client's Close ends its connection, but not the server.
// leaks: 2
func TestRPC(t *testing.T) {
	srv, err := Serve() // change
	if err != nil {
		t.Fatal(err)
	}
	client, err := Dial(srv.Addr()) // change
	if err != nil {
		t.Fatal(err)
	}
	t.Log(client.Ask("hello"))
}

// The client is closed; the server is not.
// leaks: 1
func TestRPCServer(t *testing.T) {
	srv, err := Serve() // change
	if err != nil {
		t.Fatal(err)
	}
	client, err := Dial(srv.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	t.Log(client.Ask("hello"))
}

// An echo server in the test, whose listener is forgotten, and the connection to it too: closing the client's end ends
// both ends of the connection; closing the listener ends the accept loop.
// leaks: 2
func TestEcho(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			conn, err := listener.Accept() // change
			if err != nil {
				return
			}
			go io.Copy(conn, conn)
		}
	}()
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	conn.Write([]byte("hello"))
	go func() {
		io.ReadAll(conn) // change
	}()
	time.Sleep(5 * time.Millisecond)
}

// Two connections that have nothing to do with each other.
// leaks: 2
func TestTwoConnections(t *testing.T) {
	first, _ := net.Pipe()
	second, _ := net.Pipe()
	go func() {
		io.ReadAll(first) // change
	}()
	go func() {
		io.ReadAll(second) // change
	}()
	time.Sleep(5 * time.Millisecond)
}

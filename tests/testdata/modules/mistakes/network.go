package mistakes

import (
	"bufio"
	"net"
	"sync"
)

// RPC answers each line that a client sends: an accept loop, and two goroutines a connection.
type RPC struct {
	listener net.Listener
	mu       sync.Mutex
	conns    map[*serverConn]bool
	serving  sync.WaitGroup
}

type serverConn struct {
	conn    net.Conn
	answers chan string
	done    chan struct{}
}

// Serve starts a server on a port of its own.
func Serve() (*RPC, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &RPC{listener: listener, conns: map[*serverConn]bool{}}
	s.serving.Add(1)
	go s.accept()
	return s, nil
}

// Addr is where it listens.
func (s *RPC) Addr() string { return s.listener.Addr().String() }

func (s *RPC) accept() {
	defer s.serving.Done()
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return
		}
		c := &serverConn{conn: conn, answers: make(chan string), done: make(chan struct{})}
		s.mu.Lock()
		s.conns[c] = true
		s.mu.Unlock()
		s.serving.Add(2)
		go s.read(c)
		go s.write(c)
	}
}

func (s *RPC) read(c *serverConn) {
	defer s.serving.Done()
	defer close(c.done)
	lines := bufio.NewScanner(c.conn)
	for lines.Scan() {
		select {
		case c.answers <- lines.Text():
		case <-c.done:
			return
		}
	}
}

func (s *RPC) write(c *serverConn) {
	defer s.serving.Done()
	for {
		select {
		case answer := <-c.answers:
			c.conn.Write([]byte(answer + "\n"))
		case <-c.done:
			return
		}
	}
}

// Stop ends it.
func (s *RPC) Stop() {
	s.listener.Close()
	s.mu.Lock()
	for c := range s.conns {
		c.conn.Close()
	}
	s.mu.Unlock()
	s.serving.Wait()
}

// Client of an RPC server: a read loop and a write loop.
type Client struct {
	conn     net.Conn
	requests chan string
	answers  chan string
	done     chan struct{}
}

// Dial connects.
func Dial(addr string) (*Client, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	c := &Client{conn: conn, requests: make(chan string), answers: make(chan string), done: make(chan struct{})}
	go c.readLoop()
	go c.writeLoop()
	return c, nil
}

func (c *Client) readLoop() {
	defer close(c.done)
	lines := bufio.NewScanner(c.conn)
	for lines.Scan() {
		select {
		case c.answers <- lines.Text():
		case <-c.done:
			return
		}
	}
}

func (c *Client) writeLoop() {
	for {
		select {
		case request := <-c.requests:
			c.conn.Write([]byte(request + "\n"))
		case <-c.done:
			return
		}
	}
}

// Ask sends a line and waits for the answer.
func (c *Client) Ask(line string) string {
	c.requests <- line
	return <-c.answers
}

// Close ends it.
func (c *Client) Close() { c.conn.Close() }

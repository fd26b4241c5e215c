// Package network holds goroutines that wait for a peer, and what is left of connections.
package network

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// NewClient returns a client with connections of its own.
func NewClient() (*http.Client, *http.Transport) {
	transport := &http.Transport{}
	return &http.Client{Transport: transport}, transport
}

// LeakyPing asks a server for its health in the background, without any limit of time.
func LeakyPing(client *http.Client, url string, report func(error)) {
	go func() { // started: 26
		response, err := client.Get(url) // blocked: 26
		if err == nil {
			err = response.Body.Close()
		}
		report(err)
	}()
}

// FixedPing gives up in time.
func FixedPing(client *http.Client, url string, patience time.Duration, report func(error)) *sync.WaitGroup {
	var pinging sync.WaitGroup
	pinging.Add(1)
	go func() {
		defer pinging.Done()
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			report(err)
			return
		}
		response, err := client.Do(request)
		if err == nil {
			err = response.Body.Close()
		}
		report(err)
	}()
	return &pinging
}

// LeakyStatus looks at the status and forgets the body.
func LeakyStatus(client *http.Client, url string) (int, error) {
	response, err := client.Get(url)
	if err != nil {
		return 0, err
	}
	return response.StatusCode, nil
}

// FixedStatus reads the body to its end and closes it.
func FixedStatus(client *http.Client, url string) (int, error) {
	response, err := client.Get(url)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return response.StatusCode, err
}

// LeakyGreet waits for a line that the peer never writes.
func LeakyGreet(conn net.Conn, greeted func(string)) {
	go func() { // started: 30
		line, _ := bufio.NewReader(conn).ReadString('\n') // blocked: 30
		greeted(line)
	}()
}

// FixedGreet waits until a deadline, and closes the connection.
func FixedGreet(conn net.Conn, patience time.Duration, greeted func(string)) *sync.WaitGroup {
	var greeting sync.WaitGroup
	greeting.Add(1)
	go func() {
		defer greeting.Done()
		defer conn.Close()
		if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
			greeted(fmt.Sprint(err))
			return
		}
		line, _ := bufio.NewReader(conn).ReadString('\n')
		greeted(line)
	}()
	return &greeting
}

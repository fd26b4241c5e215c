// Package connown: each test has a transport of its own, and one returns early with a body open.
package connown

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

var url string

func TestMain(m *testing.M) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/bad" {
			w.WriteHeader(404)
		}
		io.WriteString(w, strings.Repeat("text ", 200_000))
	}))
	url = server.URL
	code := m.Run()
	server.CloseClientConnections()
	server.Close()
	os.Exit(code)
}

func client(t *testing.T) *http.Client {
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func fetch(c *http.Client, url string) error {
	res, err := c.Get(url)
	if err != nil {
		return err
	}
	if res.StatusCode != 200 {
		return errors.New(res.Status)
	}
	defer res.Body.Close()
	_, err = io.Copy(io.Discard, res.Body)
	return err
}

type closers struct{ all []io.Closer }

func (c *closers) add(x io.Closer) { c.all = append(c.all, x) }

func (c *closers) close() {
	for _, x := range c.all {
		x.Close()
	}
}

func TestFetch(t *testing.T) {
	c := client(t)
	if err := fetch(c, url+"/bad"); err == nil {
		t.Fatal("no error")
	}
}

func TestClosers(t *testing.T) {
	c := client(t)
	var all closers
	defer all.close()
	res, err := c.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	all.add(res.Body)
	io.CopyN(io.Discard, res.Body, 100)
}

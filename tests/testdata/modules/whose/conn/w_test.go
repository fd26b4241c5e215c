// Package conn: a connection that one test opened and leaves idle, and the next one uses and forgets.
package conn

import (
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
		io.WriteString(w, strings.Repeat("text ", 4000))
	}))
	url = server.URL
	code := m.Run()
	server.CloseClientConnections()
	server.Close()
	os.Exit(code)
}

func get(t *testing.T) *http.Response {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func TestTidy(t *testing.T) {
	res := get(t)
	defer res.Body.Close()
	io.Copy(io.Discard, res.Body)
}

func TestForgetful(t *testing.T) {
	if res := get(t); res.StatusCode != 200 {
		t.Fatal(res.Status)
	}
}

func TestLast(t *testing.T) { http.DefaultClient.CloseIdleConnections() }

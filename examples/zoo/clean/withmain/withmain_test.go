// Package withmain holds clean tests that share a server, which TestMain starts and closes.
package withmain

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
)

var server *httptest.Server

func TestMain(m *testing.M) {
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.URL.Path)
	}))
	code := m.Run()
	server.Close()
	os.Exit(code)
}

func get(t *testing.T, path string) {
	t.Helper()
	client := server.Client()
	defer client.CloseIdleConnections()
	response, err := client.Get(server.URL + path)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if body, err := io.ReadAll(response.Body); err != nil || string(body) != path {
		t.Errorf("%q, %v", body, err)
	}
}

func TestOne(t *testing.T) { get(t, "/one") }

func TestTwo(t *testing.T) { get(t, "/two") }

func TestBesideEachOther(t *testing.T) {
	for _, path := range []string{"/a", "/b", "/c"} {
		path := path
		t.Run(path[1:], func(t *testing.T) {
			t.Parallel()
			get(t, path)
		})
	}
}

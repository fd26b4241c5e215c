package mistakes

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// There is no shelf that the test could close.
// leaks: 1
func TestRefused(t *testing.T) {
	if _, err := NewShelf(""); err == nil {
		t.Fatal("no error")
	}
}

func parks() { <-make(chan int) } // change TestTimer

// A timer's function has no line of the test on its stack.
// leaks: 1
func TestTimer(t *testing.T) {
	time.AfterFunc(time.Millisecond, parks) // change
	time.Sleep(5 * time.Millisecond)
}

func pages(t *testing.T) string {
	return httptest.NewServer(http.NotFoundHandler()).URL // change TestHelper
}

// A helper of the tests makes a server for whoever calls it.
// leaks: 1
func TestHelper(t *testing.T) {
	t.Log(pages(t)) // change
}

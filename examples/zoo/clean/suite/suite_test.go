// Package suite holds clean tests in the style of a suite: one Test function, methods found by reflection.
package suite

import (
	"reflect"
	"strings"
	"testing"
)

// queueSuite has one worker per suite and one per test.
type queueSuite struct {
	t            *testing.T
	shared, each *worker
}

type worker struct {
	jobs chan func()
	done chan struct{}
}

func newWorker() *worker {
	w := &worker{jobs: make(chan func()), done: make(chan struct{})}
	go func() {
		defer close(w.done)
		for job := range w.jobs {
			job()
		}
	}()
	return w
}

func (w *worker) close() {
	close(w.jobs)
	<-w.done
}

func (s *queueSuite) SetupSuite()    { s.shared = newWorker() }
func (s *queueSuite) TearDownSuite() { s.shared.close() }
func (s *queueSuite) SetupTest()     { s.each = newWorker() }
func (s *queueSuite) TearDownTest()  { s.each.close() }

func (s *queueSuite) TestShared() { s.run(s.shared) }
func (s *queueSuite) TestEach()   { s.run(s.each) }
func (s *queueSuite) TestBoth()   { s.run(s.shared); s.run(s.each) }

func (s *queueSuite) run(w *worker) {
	s.t.Helper()
	ran := make(chan bool, 1)
	w.jobs <- func() { ran <- true }
	if !<-ran {
		s.t.Error("not run")
	}
}

func TestQueueSuite(t *testing.T) {
	s := &queueSuite{t: t}
	s.SetupSuite()
	defer s.TearDownSuite()
	methods := reflect.TypeOf(s)
	for i := 0; i < methods.NumMethod(); i++ {
		method := methods.Method(i)
		if !strings.HasPrefix(method.Name, "Test") {
			continue
		}
		t.Run(method.Name, func(t *testing.T) {
			outer := s.t
			s.t = t
			defer func() { s.t = outer }()
			s.SetupTest()
			defer s.TearDownTest()
			method.Func.Call([]reflect.Value{reflect.ValueOf(s)})
		})
	}
}

package teardownpanics

import "testing"

func TestMain(m *testing.M) {
	m.Run()
	panic("in teardown")
}

func TestLeaks(t *testing.T) {
	never := make(chan int)
	go func() { <-never }()
}

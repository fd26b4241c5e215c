package failsaside

import "testing"

// FailNow ends the goroutine that it is called on.
func TestFailsAside(t *testing.T) {
	done := make(chan bool)
	go func() {
		defer close(done)
		t.FailNow()
	}()
	<-done
}

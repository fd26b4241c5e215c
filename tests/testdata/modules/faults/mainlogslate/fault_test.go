package mainlogslate

import (
	"os"
	"testing"
	"time"
)

func TestMain(m *testing.M) {
	code := m.Run()
	time.Sleep(5 * time.Second)
	os.Exit(code)
}

// t.Log after all tests have ended panics.
func TestLogsLate(t *testing.T) {
	go func() {
		<-time.After(2 * time.Second)
		t.Log("late")
	}()
}

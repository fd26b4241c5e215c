package busy

import "testing"

func TestBusy(t *testing.T) {
	go func() {
		for {
		}
	}()
}

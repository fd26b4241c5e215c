package panicsaside

import "testing"

func TestGoroutinePanics(t *testing.T) {
	go panic("aside")
	select {}
}

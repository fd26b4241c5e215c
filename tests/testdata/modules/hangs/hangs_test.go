package hangs

import "testing"

func TestHang(t *testing.T) {
	for _, name := range []string{"a", "b"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			<-make(chan bool)
		})
	}
}

package parallel

import (
	"fmt"
	"testing"
)

// Two hundred parallel tests with fifty parallel subtests each, each of which starts a goroutine and waits for it.
func TestAll(t *testing.T) {
	for i := 0; i < 200; i++ {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			for i := 0; i < 50; i++ {
				t.Run(fmt.Sprint(i), func(t *testing.T) {
					t.Parallel()
					done := make(chan struct{})
					go func() { close(done) }()
					<-done
				})
			}
		})
	}
}

package clean

import (
	"crypto/sha256"
	"fmt"
	"testing"
	"time"
)

// Fifty tests of a tenth of a second each: hashing, beside a goroutine that is waited for.
func TestClean(t *testing.T) {
	for i := 0; i < 50; i++ {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			done := make(chan struct{})
			go func() {
				defer close(done)
				time.Sleep(50 * time.Millisecond)
			}()
			var sum [32]byte
			for end := time.Now().Add(100 * time.Millisecond); time.Now().Before(end); {
				sum = sha256.Sum256(sum[:])
			}
			<-done
		})
	}
}

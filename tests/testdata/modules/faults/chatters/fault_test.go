package chatters

import (
	"fmt"
	"testing"
	"time"
)

// Prints all the time, also while the records are written.
func TestChatters(t *testing.T) {
	go func() {
		for {
			fmt.Print("chatter chatter chatter\n")
			time.Sleep(50 * time.Microsecond)
		}
	}()
}

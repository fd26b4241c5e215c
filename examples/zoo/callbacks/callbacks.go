// Package callbacks holds a timer's function that never returns.
package callbacks

import "time"

// LeakyRemind sends a reminder after a while, whether or not the caller still waits for it.
func LeakyRemind(after time.Duration, begun chan<- struct{}) <-chan string {
	reminders := make(chan string)
	time.AfterFunc(after, func() {
		close(begun)
		reminders <- "get up" // blocked: 33
	})
	return reminders
}

// FixedRemind has room for the reminder.
func FixedRemind(after time.Duration) (reminders <-chan string, stop func() bool) {
	ready := make(chan string, 1)
	timer := time.AfterFunc(after, func() { ready <- "get up" })
	return ready, timer.Stop
}

//go:build unix

package process

import (
	"bytes"
	"os/exec"
	"time"
)

// LeakyHook runs a script whose background job keeps the output open, and does not wait for longer than the script.
func LeakyHook(ended func(error)) error {
	command := exec.Command("sh", "-c", "sleep 30 & echo started")
	command.Stdout = new(bytes.Buffer)
	if err := command.Start(); err != nil {
		return err
	}
	go func() { // started: 62
		ended(command.Wait()) // blocked: 62
	}()
	return nil
}

// FixedHook gives up the output soon after the script has ended.
func FixedHook(ended func(error)) error {
	command := exec.Command("sh", "-c", "sleep 30 & echo started")
	command.Stdout = new(bytes.Buffer)
	command.WaitDelay = 10 * time.Millisecond
	if err := command.Start(); err != nil {
		return err
	}
	go func() {
		ended(command.Wait())
	}()
	return nil
}

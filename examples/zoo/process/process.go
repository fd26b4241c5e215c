//go:build unix

// Package process holds goroutines that wait for a child process or for a signal.
package process

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"sync"
	"syscall"
)

// A Filter is a child process that is fed line by line.
type Filter struct {
	In      io.WriteCloser
	command *exec.Cmd
	reading sync.WaitGroup
}

// StartFilter runs the command and hands its output to line. The caller has to call Close.
func StartFilter(line func(string), name string, args ...string) (*Filter, error) {
	command := exec.Command(name, args...)
	in, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	f := &Filter{In: in, command: command}
	f.reading.Add(1)
	go func() { // started: 36
		defer f.reading.Done()
		lines := bufio.NewScanner(out)
		for lines.Scan() { // blocked: 36
			line(lines.Text())
		}
	}()
	return f, nil
}

// Close ends the input, reads the rest of the output and waits for the process.
func (f *Filter) Close() error {
	if err := f.In.Close(); err != nil {
		return err
	}
	f.reading.Wait()
	return f.command.Wait()
}

// LeakyReload calls reload at each hang-up, for ever.
func LeakyReload(reload func()) {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	go func() { // started: 37
		for range hangups { // blocked: 37
			reload()
		}
	}()
}

// FixedReload calls it until it gets the signal to stop.
func FixedReload(reload func()) (stop func()) {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	var reloading sync.WaitGroup
	reloading.Add(1)
	go func() {
		defer reloading.Done()
		for range hangups {
			reload()
		}
	}()
	return func() {
		signal.Stop(hangups)
		close(hangups)
		reloading.Wait()
	}
}

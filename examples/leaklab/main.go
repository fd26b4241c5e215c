// Command leaklab starts goroutines in one of six ways, and prints how many are alive at each stage, beside the heap.
package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"time"
)

func main() {
	if err := run(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "leaklab:", err)
		os.Exit(2)
	}
}

// run is main with its arguments and outputs.
func run(args []string, out, complaints io.Writer) error {
	flags := flag.NewFlagSet("leaklab", flag.ContinueOnError)
	flags.SetOutput(complaints)
	mode := flags.String("mode", "leak-recv", "one of "+strings.Join(modeNames(), ", "))
	n := flags.Int("n", 2000, "how many goroutines to start (the ticker modes start one)")
	linger := flags.Duration("linger", 80*time.Millisecond, "how long to wait before the last count")
	address := flags.String("http", "", "serve /debug/pprof/ on this port of the loopback interface (`:6060`), until interrupted")
	step := flags.Bool("step", false, "wait for a line on standard input before each stage")
	every := flags.Duration("every", 0, "with -http: start -n more goroutines this often, and never stop them")
	dump := flags.Bool("dump", false, "print the stacks of all goroutines at the end")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}
	start, known := modes[*mode]
	if !known {
		return fmt.Errorf("no mode %q; there are %s", *mode, strings.Join(modeNames(), ", "))
	}

	var profiles *server
	if *address != "" {
		var err error
		if profiles, err = serve(*address, out); err != nil {
			return err
		}
	}
	steps := bufio.NewScanner(os.Stdin)
	wait := func() bool { return !*step || steps.Scan() }

	report(out, "at start")
	wait()
	stop := start(*n)
	report(out, "running")
	wait()
	stop()
	settle(*linger)
	report(out, "at end")

	if *dump {
		writeStacks(out)
	}
	if profiles != nil {
		return profiles.untilInterrupted(*every, func() { start(*n) })
	}
	return nil
}

// report prints one stage: the goroutines alive, and the heap in use after a collection.
func report(out io.Writer, stage string) {
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	fmt.Fprintf(out, "%-8s  goroutines %5d  heap in use %8.1f KiB  stacks %8.1f KiB\n", stage,
		runtime.NumGoroutine(), float64(memory.HeapInuse)/1024, float64(memory.StackInuse)/1024)
}

// settle gives goroutines that were told to end the time to do so.
func settle(linger time.Duration) {
	time.Sleep(linger)
}

// writeStacks prints what runtime.Stack says of all goroutines, however much that is.
func writeStacks(out io.Writer) {
	buffer := make([]byte, 1<<20)
	for {
		n := runtime.Stack(buffer, true)
		if n < len(buffer) {
			_, _ = out.Write(append(buffer[:n], '\n'))
			return
		}
		buffer = make([]byte, 2*len(buffer))
	}
}

// server answers /debug/pprof/.
type server struct {
	http.Server
	failed chan error
}

// serve answers /debug/pprof/ on the loopback interface.
func serve(address string, out io.Writer) (*server, error) {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", port))
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	served := &server{
		Server: http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second},
		failed: make(chan error, 1),
	}
	fmt.Fprintf(out, "http://%s/debug/pprof/goroutine?debug=2\n", listener.Addr())
	go func() { served.failed <- served.Serve(listener) }()
	return served, nil
}

// untilInterrupted serves until the user interrupts the program, and calls more every so often.
func (s *server) untilInterrupted(every time.Duration, more func()) error {
	interrupt := make(chan os.Signal, 1)
	signal.Notify(interrupt, os.Interrupt)
	defer signal.Stop(interrupt)
	var tick <-chan time.Time
	if every > 0 {
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		tick = ticker.C
	}
	for {
		select {
		case err := <-s.failed:
			return err
		case <-interrupt:
			return s.Close()
		case <-tick:
			more()
		}
	}
}

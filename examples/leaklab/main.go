// Command leaklab starts goroutines in one of six ways, and prints how many are alive at each stage, beside the heap.
package main

import (
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

	report(out, "at start")
	stop := start(*n)
	report(out, "running")
	stop()
	settle(*linger)
	report(out, "at end")

	if *dump {
		writeStacks(out)
	}
	if *address != "" {
		return serve(*address, out)
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

// serve answers /debug/pprof/ on the loopback interface until the program is interrupted.
func serve(address string, out io.Writer) error {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", port))
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	fmt.Fprintf(out, "http://%s/debug/pprof/goroutine?debug=2\n", listener.Addr())

	interrupt := make(chan os.Signal, 1)
	signal.Notify(interrupt, os.Interrupt)
	defer signal.Stop(interrupt)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-interrupt:
		return server.Close()
	}
}

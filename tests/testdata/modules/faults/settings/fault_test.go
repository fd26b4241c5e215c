package settings

import (
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"
	"testing"
)

func TestSetsAll(t *testing.T) {
	debug.SetMaxStack(1 << 20)
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(64 << 20)
	debug.SetTraceback("none")
	runtime.GOMAXPROCS(1)
	runtime.MemProfileRate = 0
	signal.Ignore(syscall.SIGQUIT, syscall.SIGTERM, syscall.SIGPIPE)
	heard := make(chan os.Signal, 1)
	signal.Notify(heard, syscall.SIGHUP)
	t.Setenv("GODEBUG", "tracebacklabels=0,gctrace=0")
	t.Setenv("GOTRACEBACK", "none")
}

func TestMayLeak(t *testing.T) {
	if os.Getenv("LEAK") == "" {
		return
	}
	never := make(chan int)
	go func() { <-never }()
}

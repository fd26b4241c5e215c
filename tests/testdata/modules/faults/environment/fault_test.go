package environment

import (
	"os"
	"runtime"
	"runtime/debug"
	"testing"
)

func TestChangesEverything(t *testing.T) {
	runtime.GOMAXPROCS(1)
	debug.SetGCPercent(-1)
	dir := t.TempDir()
	for _, name := range []string{"HOME", "TMPDIR", "PWD", "LEAKGATE_SHIM"} {
		os.Setenv(name, dir+"/nowhere")
	}
	os.Setenv("GODEBUG", "gctrace=0")
	if err := os.Chdir(dir); err != nil {
		t.Fatal(err)
	}
}

func TestLeaks(t *testing.T) {
	never := make(chan int)
	go func() { <-never }()
}

func TestClears(t *testing.T) { os.Clearenv() }

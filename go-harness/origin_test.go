package harness

import (
	"os"
	"os/exec"
	"runtime"
	"testing"
)

func TestWhatStartedThisProcess(t *testing.T) {
	if os.Getenv("LEAKGATE_ORIGIN_TEST") == "1" {
		os.Stdout.WriteString("under " + leakgateUnder() + ";")
		os.Exit(0)
	}
	if runtime.GOOS != "linux" {
		t.Skip("no /proc")
	}
	if under := leakgateUnder(); under != "go" {
		t.Errorf("under %q", under)
	}
	self := []string{os.Args[0], "-test.run=^TestWhatStartedThisProcess$"}
	for _, args := range [][]string{self, append([]string{"/bin/sh", "-c", `"$0" "$@"; true`}, self...)} {
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Env = append(os.Environ(), "LEAKGATE_ORIGIN_TEST=1")
		if out, err := cmd.Output(); err != nil || string(out) != "under itself;" {
			t.Errorf("%v: %q, %v", args, out, err)
		}
	}
}

func BenchmarkUnder(b *testing.B) {
	for i := 0; i < b.N; i++ {
		leakgateAscend(os.Getppid())
	}
}

package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// The lab counts goroutines of its whole process: each mode gets one of its own, this test binary run once more.
func TestMain(m *testing.M) {
	if args := os.Getenv("LEAKLAB_ARGS"); args != "" {
		if err := run(strings.Fields(args), os.Stdout, os.Stderr); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func lab(t *testing.T, args string) (stdout string, err error) {
	t.Helper()
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), "LEAKLAB_ARGS="+args)
	out, err := command.Output()
	return string(out), err
}

func TestGoroutinesAtEachStage(t *testing.T) {
	for _, c := range []struct {
		mode   string
		counts [3]int
	}{
		{"leak-recv", [3]int{1, 2001, 2001}},
		{"fix-recv", [3]int{1, 2001, 1}},
		{"leak-send", [3]int{1, 2001, 2001}},
		{"fix-send", [3]int{1, 2001, 1}},
		{"leak-ticker", [3]int{1, 2, 2}},
		{"fix-ticker", [3]int{1, 2, 1}},
	} {
		t.Run(c.mode, func(t *testing.T) {
			out, err := lab(t, "-n=2000 -mode="+c.mode)
			if err != nil {
				t.Fatal(err)
			}
			if got := counts(t, out); got != c.counts {
				t.Errorf("goroutines %v, want %v\n%s", got, c.counts, out)
			}
		})
	}
}

func TestDumpHasEveryGoroutine(t *testing.T) {
	out, err := lab(t, "-n=10000 -mode=leak-send -dump")
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(out, "[chan send]:"); got != 10000 {
		t.Errorf("%d senders in the dump", got)
	}
}

func TestUnknownMode(t *testing.T) {
	var out bytes.Buffer
	if err := run([]string{"-mode=leak-money"}, &out, io.Discard); err == nil || !strings.Contains(err.Error(), "fix-recv") {
		t.Errorf("error is %v", err)
	}
}

func counts(t *testing.T, out string) (counts [3]int) {
	t.Helper()
	for i, line := range strings.SplitN(out, "\n", 4)[:3] {
		_, after, _ := strings.Cut(line, "goroutines")
		if _, err := fmt.Sscan(after, &counts[i]); err != nil {
			t.Fatalf("%v in %q", err, line)
		}
	}
	return counts
}

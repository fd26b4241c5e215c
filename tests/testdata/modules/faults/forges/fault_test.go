package forges

import (
	"os"
	"strings"
	"testing"

	"example.test/faults/forge"
)

// FORGE says when, who and what: "init self clean".
var forged = strings.Fields(os.Getenv("FORGE") + " - - -")

func print(when string) {
	if forged[0] != when {
		return
	}
	pid, ppid := os.Getpid(), os.Getppid()
	who := map[string]forge.Process{
		"self":     {"00000000000000aa", pid, ppid, "go"},
		"untold":   {"00000000000000aa", pid, ppid, ""},
		"parent":   {"00000000000000aa", ppid, 1, "go"},
		"child":    {"00000000000000aa", pid + 1, pid, "itself"},
		"stranger": {"00000000000000aa", 999999, 999998, "go"},
	}[forged[1]]
	records := who.Transcript("TestQuiet", "TestPrints", "TestMayLeak")
	lines := strings.SplitAfter(records, "\n")
	switch forged[2] {
	case "hello":
		records = lines[0]
	case "tail":
		records = lines[1] + lines[2]
	case "torn":
		records = lines[0] + lines[1][:40]
	case "twice":
		records += records
	case "failed":
		payload := "b 1\nf the shim failed\nz 90 9 1 0 missing not-asked\n"
		records = lines[0] + who.Record(1, forge.Data(payload)) + who.Record(2, forge.End(1, payload))
	}
	os.Stdout.WriteString(records)
}

func init() { print("init") }

func TestMain(m *testing.M) {
	print("before")
	code := m.Run()
	print("after")
	os.Exit(code)
}

func TestQuiet(t *testing.T) {}

func TestPrints(t *testing.T) { print("test") }

func TestMayLeak(t *testing.T) {
	if os.Getenv("LEAK") == "" {
		return
	}
	never := make(chan int)
	go func() { <-never }()
}

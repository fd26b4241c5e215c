package grandchildren

import (
	"os"
	"os/exec"
	"strconv"
	"testing"
)

// Processes in processes, through a shell that lives on, all of them with all the flags and this one's output.
func TestRunsGrandchildren(t *testing.T) {
	depth, _ := strconv.Atoi(os.Getenv("DEPTH"))
	never := make(chan int)
	if depth > 0 {
		go func() { <-never }()
	}
	if depth == 3 {
		return
	}
	cmd := exec.Command("/bin/sh", append([]string{"-c", `"$0" "$@"; exit $?`, os.Args[0]}, os.Args[1:]...)...)
	cmd.Env = append(os.Environ(), "DEPTH="+strconv.Itoa(depth+1))
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
}

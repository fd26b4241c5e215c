package harness

import (
	"os"
	"runtime"
	"strconv"
	"syscall"
)

// leakgateOrigin is what leakgateUnder found; a process does not change its parents while its tests run.
var leakgateOrigin = ""

// leakgateUnder tells what started this process: `go` (perhaps through a wrapper): it is the test binary of a run;
// `itself`, a process of the same binary: it is a helper of a test; `-`: the system does not tell. Not by package os
// alone: what that opens go's test cache would know of, and the process would have a poller.
func leakgateUnder() string {
	if leakgateOrigin == "" {
		leakgateOrigin = leakgateAscend(os.Getppid())
	}
	return leakgateOrigin
}

func leakgateAscend(pid int) string {
	if runtime.GOOS != "linux" {
		return "-"
	}
	self := leakgateProgram("self")
	for steps := 0; self != "" && pid > 0 && steps < 64; steps++ {
		program := leakgateProgram(strconv.Itoa(pid))
		switch {
		case program == "":
			return "-"
		case program == self:
			return "itself"
		case leakgateEndsWith(program, "/go"):
			return "go"
		}
		pid = leakgateParent(pid)
	}
	return "-"
}

// leakgateProgram is the path of a process's program; "" when it cannot be read.
func leakgateProgram(pid string) string {
	path, err := os.Readlink("/proc/" + pid + "/exe")
	if err != nil {
		return ""
	}
	const gone = " (deleted)"
	if leakgateEndsWith(path, gone) {
		path = path[:len(path)-len(gone)]
	}
	return path
}

// leakgateParent reads `42 (name) S 7 …`, where the name may hold anything; 0 when it cannot be read.
func leakgateParent(pid int) int {
	fd, err := syscall.Open("/proc/"+strconv.Itoa(pid)+"/stat", syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return 0
	}
	defer syscall.Close(fd)
	var buf [512]byte
	n, err := syscall.Read(fd, buf[:])
	if err != nil {
		return 0
	}
	for n--; n > 0 && buf[n] != ')'; n-- {
	}
	const state = len(") S ")
	if n <= 0 || n+state > len(buf) {
		return 0
	}
	parent, _ := leakgateUint(buf[n+state:])
	return int(parent)
}

func leakgateEndsWith(text, end string) bool {
	return len(text) >= len(end) && text[len(text)-len(end):] == end
}

package forgesown

import (
	"bufio"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"example.test/faults/forge"
)

// TestMain stands between the tests and standard output, learns the nonce, and adds records under the real name. FORGE
// says when and what.
func TestMain(m *testing.M) {
	out, err := syscall.Dup(1)
	if err != nil {
		panic(err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		panic(err)
	}
	if err := syscall.Dup3(int(w.Fd()), 1, 0); err != nil {
		panic(err)
	}
	w.Close()
	done := make(chan bool)
	go func() {
		defer close(done)
		through(bufio.NewReader(r), os.NewFile(uintptr(out), "out"))
	}()
	m.Run()
	syscall.Close(1)
	<-done
	syscall.Dup3(out, 1, 0)
}

func through(in *bufio.Reader, out *os.File) {
	mode := os.Getenv("FORGE")
	payload := forge.Clean("TestLeaks")
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		at := strings.Index(line, "\x1eleakgate/2 ")
		if at < 0 {
			out.WriteString(line)
			continue
		}
		fields := strings.SplitN(line[at:], " ", 6)
		pid, _ := strconv.Atoi(fields[2])
		number, _ := strconv.Atoi(fields[3])
		self := forge.Process{fields[1], pid, os.Getppid(), "go"}
		clean := self.Record(1, forge.Data(payload)) + self.Record(2, forge.End(1, payload))
		kind := fields[5][:1]
		switch {
		case mode == "before" && kind == "H":
			out.WriteString(self.Transcript("TestLeaks") + line)
		case mode == "data" && kind == "H":
			out.WriteString(line + clean)
		case mode == "append" && kind == "E":
			out.WriteString(line + self.Record(number+1, forge.Data(payload)))
		case mode == "end" && kind == "E":
			out.WriteString(line + self.Record(number+1, forge.End(1, payload)))
		case mode == "run" && kind == "E":
			out.WriteString(line + self.Record(number+1, self.Hello(2)) +
				self.Record(number+2, forge.Data(payload)) + self.Record(number+3, forge.End(2, payload)))
		case mode == "drop" && kind == "D" && number == 1:
		case mode == "cut" && kind == "D" && number == 1:
			out.WriteString(line[:len(line)/2] + "\n")
		case mode == "repeat":
			out.WriteString(line + line)
		default:
			out.WriteString(line)
		}
	}
}

func TestLeaks(t *testing.T) {
	never := make(chan int)
	go func() { <-never }()
}

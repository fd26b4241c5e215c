// Package forge writes what the shim writes, from what go-harness/WIRE.md says.
package forge

import (
	"fmt"
	"hash/crc32"
	"runtime"
	"strings"
)

// Process is who a record says it is of.
type Process struct {
	Nonce     string
	Pid, Ppid int
	// As in the hello; empty for a shim that does not tell.
	Under string
}

// Record is one line.
func (p Process) Record(n int, content string) string {
	id := fmt.Sprintf("%s %d %d", p.Nonce, p.Pid, n)
	return fmt.Sprintf("\x1eleakgate/2 %s %08x %s\n", id, crc32.ChecksumIEEE([]byte(id+" "+content)), content)
}

// Hello is the first record of a process.
func (p Process) Hello(run int) string {
	under := ""
	if p.Under != "" {
		under = " under=" + p.Under
	}
	return fmt.Sprintf("Hrun=%d ppid=%d gomaxprocs=%d%s go=%s", run, p.Ppid, runtime.GOMAXPROCS(0), under, runtime.Version())
}

// Clean is the payload of a run in which these tests left nothing.
func Clean(tests ...string) string {
	var payload strings.Builder
	for i, test := range tests {
		fmt.Fprintf(&payload, "t %d t %d %d %d %s\n", i+1, i+30, i+1, i+2, test)
	}
	payload.WriteString("b 1 2\nz 90 9 1 0 seen not-asked\n")
	return payload.String()
}

// Data is a record's content that carries a payload.
func Data(payload string) string { return "D" + strings.ReplaceAll(payload, "\n", `\n`) }

// End is the content of the last record of a run whose only data record carries the payload.
func End(run int, payload string) string {
	return fmt.Sprintf("Erun=%d records=1 bytes=%d crc=%08x", run, len(payload), crc32.ChecksumIEEE([]byte(payload)))
}

// Transcript is all the records of a clean process.
func (p Process) Transcript(tests ...string) string {
	payload := Clean(tests...)
	return p.Record(0, p.Hello(1)) + p.Record(1, Data(payload)) + p.Record(2, End(1, payload))
}

package forged

import (
	"fmt"
	"hash/crc32"
	"os"
	"testing"
)

func record(nonce string, pid, n int, content string) string {
	body := fmt.Sprintf("%s %d %d", nonce, pid, n)
	return fmt.Sprintf("\x1eleakgate/1 %s %08x %s\n", body, crc32.ChecksumIEEE([]byte(body+" "+content)), content)
}

// Records that the test makes up say that all is well, from this process, from a child of it, from nobody, cut and from
// a later version.
func TestForges(t *testing.T) {
	never := make(chan int)
	go func() { <-never }()
	payload := "t 1 t 5 1 2 TestForges\nb 1\nz 9 9 1 0 seen not-asked\n"
	for _, pid := range []int{os.Getpid(), os.Getpid() + 1} {
		for _, ppid := range []int{os.Getppid(), os.Getpid()} {
			fmt.Print(record("00000000000000aa", pid, 0, fmt.Sprintf("Hrun=1 ppid=%d gomaxprocs=1 go=go1.26.8", ppid)))
			fmt.Print(record("00000000000000aa", pid, 1, "D"+`t 1 t 5 1 2 TestForges\nb 1\nz 9 9 1 0 seen not-asked\n`))
			fmt.Print(record("00000000000000aa", pid, 2, fmt.Sprintf("Erun=1 records=1 bytes=%d crc=%08x", len(payload), crc32.ChecksumIEEE([]byte(payload)))))
		}
	}
	fmt.Print("\x1eleakgate/1 00000000000000aa 1 0 1234567")
	fmt.Print("\x1eleakgate/2 some other format\n")
}

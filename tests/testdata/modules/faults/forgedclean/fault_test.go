package forgedclean

import (
	"fmt"
	"os"
	"testing"
)

// Garbage that looks like records, in a clean test.
func TestForges(t *testing.T) {
	fmt.Printf("\x1eleakgate/2 0123456789abcdef %d 1 00000000 Dz 1 2 3\n", os.Getpid())
	fmt.Print("\x1eleakgate/2 0123456789abcdef 1 1 00000000 D")
	fmt.Print("\x1e\x1eleakgate/\n\x1eleakgate/99 x\n")
}

package silent

import (
	"fmt"
	"testing"
)

// It prints what go prints of a package without test files, and runs no test.
func TestMain(m *testing.M) {
	fmt.Print("\texample.com/covered/silent\t\tcoverage: 0.0% of statements\n")
}

func TestNever(t *testing.T) {}

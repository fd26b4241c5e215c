package stdoutclosed

import (
	"os"
	"testing"
)

func TestClosesStdout(t *testing.T) { os.Stdout.Close() }

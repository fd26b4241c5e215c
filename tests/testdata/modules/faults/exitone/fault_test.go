package exitone

import (
	"os"
	"testing"
)

func TestExits(t *testing.T) { os.Exit(1) }

package logfatal

import (
	"log"
	"testing"
)

func TestFatal(t *testing.T) { log.Fatal("fatal") }

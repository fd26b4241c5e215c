package logfatalaside

import (
	"log"
	"testing"
)

func TestLogFatalAside(t *testing.T) {
	go log.Fatal("aside")
	select {}
}

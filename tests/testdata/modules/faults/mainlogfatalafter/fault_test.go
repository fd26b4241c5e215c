package mainlogfatalafter

import (
	"log"
	"testing"
)

func TestMain(m *testing.M) {
	m.Run()
	log.Fatal("cannot stop the database")
}

func TestLeaks(t *testing.T) {
	never := make(chan int)
	go func() { <-never }()
}

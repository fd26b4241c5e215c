package hundredthousand

import "testing"

func TestHundredThousand(t *testing.T) {
	never := make(chan int)
	for i := 0; i < 100_000; i++ {
		go func() { <-never }()
	}
}

func TestClean(t *testing.T) {}

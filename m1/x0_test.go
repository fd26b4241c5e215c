package m

import "testing"

func leak0(c chan int) {
	go func() {
		c <- 0
	}()
}

func TestCase000000(t *testing.T) {
	c := make(chan int)
	leak0(c)
}

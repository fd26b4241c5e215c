package timesout

import "testing"

func TestStuck(t *testing.T) {
	never := make(chan int)
	<-never
}

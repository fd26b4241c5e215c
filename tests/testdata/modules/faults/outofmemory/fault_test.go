package outofmemory

import "testing"

var sink []byte

func TestOutOfMemory(t *testing.T) {
	for size := 1 << 44; ; size *= 2 {
		sink = make([]byte, size)
	}
}

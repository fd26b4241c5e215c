package loud

import (
	"fmt"
	"testing"
)

// Two million lines of a hundred bytes.
func TestLoud(t *testing.T) {
	for i := 0; i < 2000000; i++ {
		fmt.Printf("%08d level=info msg=\"request done\" path=/api/v1/items status=200 took=1.25ms id=abcdefghijklmnop\n", i)
	}
}

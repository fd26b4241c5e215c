package examples

import (
	"fmt"

	"example.com/shapes/leak"
)

func Example() {
	leak.Once()
	fmt.Println("clean")
	// Output: clean
}

func Example_leak() {
	leak.Start()
	fmt.Println("leaky")
	// Output: leaky
}

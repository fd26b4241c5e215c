// Command gopslab starts 2,000 goroutines that wait, and a gops agent: for `leakgate dump --pid`.
package main

import (
	"fmt"
	"os"

	"github.com/google/gops/agent"
)

func main() {
	if err := agent.Listen(agent.Options{}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	wait := make(chan int)
	for i := 0; i < 2000; i++ {
		go func() { <-wait }()
	}
	fmt.Println("started 2000")
	var line string
	_, _ = fmt.Scanln(&line)
}

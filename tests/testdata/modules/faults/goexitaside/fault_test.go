package goexitaside

import (
	"runtime"
	"testing"
)

// A goroutine that ends by Goexit is gone; one that waits for it in vain is left.
func TestGoexitAside(t *testing.T) {
	never := make(chan int)
	go func() {
		defer func() { recover() }()
		runtime.Goexit()
		never <- 1
	}()
	go func() { <-never }()
}

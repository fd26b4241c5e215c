package overflows

import "testing"

func down(n int) int { return down(n+1) + 1 }

func TestStackOverflows(t *testing.T) { down(0) }

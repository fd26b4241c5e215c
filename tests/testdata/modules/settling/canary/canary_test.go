package canary

import "testing"

// Its name is like that of leakgate's own goroutine.
func TestCanary(t *testing.T) { go leakgateCanary() }

func leakgateCanary() { select {} }

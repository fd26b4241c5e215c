package deadlocks

import "testing"

func TestDeadlock(t *testing.T) { select {} }

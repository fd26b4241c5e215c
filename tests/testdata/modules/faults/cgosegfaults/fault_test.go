package cgosegfaults

import "testing"

func TestCSegfaults(t *testing.T) { crash() }

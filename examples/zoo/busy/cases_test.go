package busy

import (
	"context"
	"testing"
)

func TestLeak14BusyLoop(t *testing.T) {
	LeakyMine(1)
}

func TestFixed14BusyLoop(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	mining := FixedMine(ctx, 1)
	cancel()
	mining.Wait()
}

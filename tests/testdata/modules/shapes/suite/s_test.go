package suite

import (
	"testing"

	"example.com/shapes/leak"
)

func TestTable(t *testing.T) {
	for _, name := range []string{"one", "leak", "three"} {
		name := name
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			t.Run("inner", func(t *testing.T) {
				if name == "leak" {
					leak.Start()
				} else {
					leak.Once()
				}
			})
		})
	}
}

func TestCleanup(t *testing.T) {
	stop := make(chan bool)
	go func() { <-stop }()
	t.Cleanup(func() { close(stop) })
}

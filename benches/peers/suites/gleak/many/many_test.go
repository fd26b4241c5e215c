package many

import (
	"fmt"
	"testing"

	"example.com/suites/gleak/leaky"
	"github.com/onsi/gomega"
	"github.com/onsi/gomega/gleak"
)

func TestLeaks(t *testing.T) {
	for i := 0; i < 20; i++ {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			g, before := gomega.NewWithT(t), gleak.Goroutines()
			defer func() { g.Eventually(gleak.Goroutines).ShouldNot(gleak.HaveLeaked(before)) }()
			leaky.Leak()
		})
	}
}

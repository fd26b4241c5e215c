package ends

import "testing"

// The same cases once more, beside each other: a parallel test with parallel subtests.
func TestParallel(t *testing.T) {
	t.Parallel()
	for _, c := range cases {
		c := c
		t.Run("leak/"+c.name, func(t *testing.T) {
			t.Parallel()
			c.leak(t)
		})
		t.Run("fixed/"+c.name, func(t *testing.T) {
			t.Parallel()
			c.fixed(t)
		})
	}
}

// And beside another parallel test.
func TestParallelFixed(t *testing.T) {
	t.Parallel()
	for _, c := range cases {
		c := c
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.fixed(t)
		})
	}
}

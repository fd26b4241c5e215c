package mistakes

import "testing"

// leaks: 2
func TestOneLauncherForTwo(t *testing.T) {
	NewCache() // change
	NewQueue() // change
}

// leaks: 1
func TestOneLauncherForOne(t *testing.T) {
	c := NewCache()
	defer c.Close()
	NewQueue() // change
}

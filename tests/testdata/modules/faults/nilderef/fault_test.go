package nilderef

import "testing"

type node struct{ next *node }

func TestNilDereference(t *testing.T) {
	var n *node
	t.Log(n.next.next)
}

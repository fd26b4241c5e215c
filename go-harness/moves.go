package harness

// leakgateMove is where a goroutine waited before it waited where it does: a connection that was idle when its test had
// ended and is in use now was put to use by another test.
type leakgateMove struct {
	from  *leakgateBlockText // nil: it has not moved
	last  int64              // begin of the last dump that showed it there
	first int64              // end of the first dump that showed it elsewhere
}

// leakgateMoves is all of them, equal ones together.
type leakgateMoves struct {
	number  map[*leakgateBlockText]int // of stacks that have been written
	written int
	left    map[leakgateMove][]uint64
	order   []leakgateMove
	from    map[*leakgateBlockText]bool
}

func (m *leakgateMoves) take(of []*leakgateSuspect) {
	for _, g := range of {
		if g.moved.from == nil {
			continue
		}
		if block, _ := g.shown(); block != g.parked {
			continue // it runs
		}
		if m.left[g.moved] == nil {
			m.order = append(m.order, g.moved)
		}
		m.left[g.moved] = append(m.left[g.moved], g.id)
	}
}

// leftFrom: the stack must be written, though none may be in it any more.
func (m *leakgateMoves) leftFrom(b *leakgateBlockText) bool {
	if m.from == nil {
		m.from = map[*leakgateBlockText]bool{}
		for _, move := range m.order {
			m.from[move.from] = true
		}
	}
	return m.from[b]
}

func (m *leakgateMoves) put(p *leakgatePayload) {
	for _, move := range m.order {
		p.key('w').num(int64(m.number[move.from])).num(move.last).num(move.first).ids(m.left[move]).end()
	}
}

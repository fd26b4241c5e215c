package harness

import (
	"bytes"
	"strconv"
)

// leakgatePayload writes lines of space-separated fields; WIRE.md has the grammar.
type leakgatePayload struct {
	out []byte
}

func (p *leakgatePayload) key(k byte) *leakgatePayload {
	p.out = append(p.out, k)
	return p
}

func (p *leakgatePayload) num(n int64) *leakgatePayload {
	p.out = strconv.AppendInt(append(p.out, ' '), n, 10)
	return p
}

// opt writes a number that may be absent.
func (p *leakgatePayload) opt(n, absent int64) *leakgatePayload {
	if n == absent {
		return p.str("-")
	}
	return p.num(n)
}

func (p *leakgatePayload) str(s string) *leakgatePayload {
	p.out = append(append(p.out, ' '), s...)
	return p
}

// text is the last field: it may hold anything but a line's end.
func (p *leakgatePayload) text(s string) {
	p.out = append(p.out, ' ')
	for i := 0; i < len(s); i++ {
		if s[i] == '\n' {
			p.out = append(p.out, ' ')
		} else {
			p.out = append(p.out, s[i])
		}
	}
	p.end()
}

func (p *leakgatePayload) end() { p.out = append(p.out, '\n') }

// ids writes ids as sorted ranges: `3 7-12 40`.
func (p *leakgatePayload) ids(ids []uint64) *leakgatePayload {
	leakgateSort(ids)
	for i := 0; i < len(ids); {
		j := i
		for j+1 < len(ids) && ids[j+1] == ids[j]+1 {
			j++
		}
		p.num(int64(ids[i]))
		if j > i {
			p.out = strconv.AppendInt(append(p.out, '-'), int64(ids[j]), 10)
		}
		i = j + 1
	}
	return p
}

// payloadGuarded is all that was captured; if writing it down fails, it says so.
func (s *leakgateState) payloadGuarded() (out []byte) {
	defer func() {
		if recover() != nil {
			out = []byte("f payload failed\n")
		}
	}()
	p := &leakgatePayload{}
	s.putTests(p)
	if len(s.life.all) > 0 {
		s.putGrowth(p)
	}
	s.putBaseline(p)
	s.putSuspects(p)
	p.out = append(p.out, s.readings.lines.out...)
	for _, c := range s.counts {
		p.key('c').num(c.at).num(int64(c.n)).end()
	}
	canary := "missing"
	if s.end.canary {
		canary = "seen"
	}
	asked := "not-asked"
	if s.end.asked {
		asked = "asked"
	}
	p.key('z').num(s.end.at).num(s.end.waited).num(int64(s.end.rounds)).num(int64(s.gate.skipped)).str(canary).str(asked).end()
	p.key('y').num(int64(s.opts.settle)).num(s.end.began).end()
	if s.life.dropped > 0 {
		s.limits = append(s.limits, "more goroutines than the shim keeps: "+strconv.Itoa(s.life.dropped)+" sightings dropped")
	}
	if len(p.out) > leakgateMostOutput {
		p.out = nil
		s.limits = append(s.limits, "evidence longer than the largest record")
	}
	for i, text := range s.limits {
		if i < 20 {
			p.key('q').text(text)
		}
	}
	for i, text := range s.faults {
		if i < 20 {
			p.key('f').text(text)
		}
	}
	return p.out
}

func (s *leakgateState) putTests(p *leakgatePayload) {
	for _, t := range s.spans {
		p.key('t').num(int64(t.seq)).str(t.kind[:1]).num(int64(t.goid)).num(t.start).opt(t.end, -1).text(t.name)
		if paused := t.paused.Load(); paused != 0 {
			p.key('p').num(int64(t.seq)).num(paused).opt(t.resumed.Load(), -1).end()
		}
	}
}

// putGrowth writes by how many goroutines besides tests' own each test changed their number, and how many it started, of the
// tests beside which no other ran. Equal tests share a line.
func (s *leakgateState) putGrowth(p *leakgatePayload) {
	type growth struct{ grew, started int64 }
	var order []growth
	seqs := map[growth][]uint64{}
	for _, t := range s.spans {
		end := t.ended.leakgateReading
		if t.end < 0 || !t.outermost || t.kind == "benchmark" || !t.began.alone || !end.alone || t.began.turns != end.turns {
			continue
		}
		g := growth{int64(end.goroutines - end.live - t.began.goroutines + t.began.live), -1}
		if t.began.counted && end.counted {
			g.started = int64(end.created - t.began.created - (end.begun - t.began.begun))
		}
		if seqs[g] == nil {
			order = append(order, g)
		}
		seqs[g] = append(seqs[g], uint64(t.seq))
	}
	for _, g := range order {
		p.key('n').num(g.grew).opt(g.started, -1).ids(seqs[g]).end()
	}
}

func (s *leakgateState) putBaseline(p *leakgatePayload) {
	ids := make([]uint64, 0, len(s.life.baseline))
	for id := range s.life.baseline {
		ids = append(ids, id)
	}
	p.key('b').ids(ids).end()
}

// putSuspects writes each stack once, followed by who was seen in it, equal lives together.
func (s *leakgateState) putSuspects(p *leakgatePayload) {
	type life struct {
		absent, first, last, gone int64
		parent                    uint64
		label                     uint32
		proven, collected         bool
	}
	groups := make(map[*leakgateBlockText]map[life][]uint64)
	members := make(map[*leakgateBlockText][]*leakgateSuspect)
	for _, g := range s.life.all {
		if g.id == 0 {
			continue
		}
		block, lastSeen := g.shown()
		if groups[block] == nil {
			groups[block] = map[life][]uint64{}
		}
		l := life{g.absentUntil, g.firstSeen, lastSeen, g.goneBy, g.parent, g.label, g.proven, g.collected}
		groups[block][l] = append(groups[block][l], g.id)
		members[block] = append(members[block], g)
	}
	places, dropped := leakgateMostPlaces, 0
	moves := leakgateMoves{number: map[*leakgateBlockText]int{}, left: map[leakgateMove][]uint64{}}
	for _, b := range s.life.order {
		moves.take(members[b])
	}
	for _, b := range s.life.order {
		if len(groups[b]) == 0 && !moves.leftFrom(b) {
			continue
		}
		p.key('k').num(int64(bytes.Count(b.text, []byte("\n")))).end()
		p.out = append(p.out, b.text...)
		for l, ids := range groups[b] {
			proof := "-"
			if l.proven {
				proof = "proven"
			}
			if l.collected {
				proof = "collected"
			}
			p.key('g').num(l.absent).num(l.first).num(l.last).opt(l.gone, -1).opt(int64(l.parent), 0).opt(int64(l.label), 0)
			p.str(proof).ids(ids).end()
		}
		moves.number[b] = moves.written
		moves.written++
		dropped += s.putObjects(p, members[b], &places)
	}
	moves.put(p)
	if dropped > 0 {
		p.key('u').num(int64(dropped)).end()
	}
}

// leakgateSort is a shell sort: package testing can import neither sort (since Go 1.23) nor slices (before).
func leakgateSort(ids []uint64) {
	gap := 1
	for gap < len(ids)/3 {
		gap = 3*gap + 1
	}
	for ; gap > 0; gap /= 3 {
		for i := gap; i < len(ids); i++ {
			for j := i; j >= gap && ids[j] < ids[j-gap]; j -= gap {
				ids[j], ids[j-gap] = ids[j-gap], ids[j]
			}
		}
	}
}

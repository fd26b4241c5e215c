package harness

import "bytes"

// leakgateBlockText is the stack that equal goroutines share.
type leakgateBlockText struct {
	text []byte
	key  string // see stackKey
}

// stackKey finds the block in the labelled goroutine profile.
func (b *leakgateBlockText) stackKey() string {
	if b.key == "" {
		b.key = leakgateStackKey(b.text)
	}
	return b.key
}

// stackKey is that of the block that tells most.
func (g *leakgateSuspect) stackKey() string {
	block, _ := g.shown()
	return block.stackKey()
}

// leakgateSuspect is a goroutine that was not in the baseline and ran no test: its life as far as it was seen.
type leakgateSuspect struct {
	id, parent    uint64
	label         uint32 // the number of its test, as a header showed it; 0: none did
	profiled      bool   // a profile has been read for its label
	plain         bool   // and leaves no choice
	proven        bool
	collected     bool // a garbage collection ended it
	absentUntil   int64
	firstSeen     int64 // it was there then, and perhaps before
	lastSeen      int64 // it was there then, and perhaps later
	goneBy        int64 // -1: in the last dump
	round         int
	busy          int   // dumps in a row in which it could run
	sleep         int64 // how long the time.Sleep takes in which it was last seen; 0: it does not sleep
	block         *leakgateBlockText
	objects       []leakgateObject   // what it works on in block
	parked        *leakgateBlockText // the last block in which it waited
	parkedObjects []leakgateObject
	parkedSeen    int64 // and when that was
	moved         leakgateMove
}

// pooled: the idle connection of an HTTP client; the test that uses it next may be another than the one that opened it.
func (b *leakgateBlockText) pooled() bool {
	return bytes.Contains(b.text, leakgatePooled) && b.reason() == "IO wait"
}

var leakgatePooled = []byte("\nnet/http.(*persistConn).readLoop(...)\n")

type leakgateLife struct {
	baseline map[uint64]leakgateResting
	byID     map[uint64]*leakgateSuspect
	all      []*leakgateSuspect
	pending  []*leakgateSuspect // those in the last dump
	next     []*leakgateSuspect // those in the dump that is being read
	blocks   map[string]*leakgateBlockText
	order    []*leakgateBlockText
	scratch  []byte
	room     []leakgateSuspect // for those to come
	read     leakgateRead      // the last block of the dump that is being read
	round    int
	dropped  int
	changes  int // counts what was different from the dump before

	atWork      bool // one of the baseline was, in the last dump
	canary      uint64
	pooled      bool // one in the last dump is a connection that any test may use
	canarySeen  bool
	canaryLabel bool
}

// leakgateRead is what a block of a dump says beside the goroutine's id and labels. The next one often says the same.
type leakgateRead struct {
	state, rest []byte // of the dump: nil before its first block
	block       *leakgateBlockText
	parent      uint64
	objects     []leakgateObject
}

// leakgateMostSuspects bounds memory in suites that start millions; what is beyond is counted, and said.
const leakgateMostSuspects = 500000

func (l *leakgateLife) init() {
	l.byID = map[uint64]*leakgateSuspect{}
	l.blocks = map[string]*leakgateBlockText{}
}

// isTest takes a goroutine back that a dump saw before its test had announced itself.
func (l *leakgateLife) isTest(id uint64) {
	g := l.byID[id]
	if g == nil {
		return
	}
	delete(l.byID, id)
	g.id = 0
	for i, p := range l.pending {
		if p == g {
			l.pending = append(l.pending[:i], l.pending[i+1:]...)
			break
		}
	}
}

// begin is called before a dump is read.
func (l *leakgateLife) begin() {
	l.round++
	l.canarySeen, l.atWork, l.pooled = false, false, false
	l.read.state, l.read.rest = nil, nil
}

// readBlock keeps what a block says in l.read.
func (l *leakgateLife) readBlock(head leakgateHead, block []byte) {
	r := &l.read
	_, rest := leakgateLine(block)
	if r.rest != nil && bytes.Equal(rest, r.rest) && bytes.Equal(head.state, r.state) {
		return
	}
	r.state, r.rest = head.state, rest
	l.scratch, r.parent = leakgateNormal(l.scratch[:0], head, block)
	if r.block = l.blocks[string(l.scratch)]; r.block == nil {
		r.block = &leakgateBlockText{text: append([]byte(nil), l.scratch...)}
		l.blocks[string(r.block.text)] = r.block
		l.order = append(l.order, r.block)
	}
	r.objects = leakgateObjects(r.objects[:0], block)
}

// suspect makes room for many at once, where there are many.
func (l *leakgateLife) suspect() *leakgateSuspect {
	const many = 256
	if len(l.room) == 0 && len(l.all) < many {
		l.room = make([]leakgateSuspect, 1)
	} else if len(l.room) == 0 {
		l.room = make([]leakgateSuspect, many)
	}
	g := &l.room[0]
	l.room = l.room[1:]
	l.all = append(l.all, g)
	return g
}

// see notes a goroutine of a dump that was taken between two times.
func (l *leakgateLife) see(head leakgateHead, block []byte, from, to, absent int64) {
	value, labelled := leakgateFindLabel(head.labels)
	if head.id == l.canary && l.canary != 0 {
		l.canarySeen = true
		l.canaryLabel = labelled && string(value) == leakgateLabelCanary
		return
	}
	l.readBlock(head, block)
	b := l.read.block
	g := l.byID[head.id]
	if g == nil {
		if len(l.all) >= leakgateMostSuspects {
			l.dropped++
			return
		}
		g = l.suspect()
		g.id, g.parent, g.absentUntil, g.firstSeen = head.id, l.read.parent, absent, to
		l.byID[head.id] = g
		l.changes++
	}
	if g.block != b {
		g.block, g.objects = b, nil // the parked block may keep them
		l.changes++
	}
	g.objects = append(g.objects[:0], l.read.objects...)
	if seq := leakgateLabelSeq(value); labelled && seq != 0 {
		g.label = seq
	}
	reason, leaked := leakgateReason(head.state)
	g.proven = leaked
	if leakgateBusy(reason) {
		g.busy++
	} else {
		if g.parked != nil && g.parked != b {
			g.moved = leakgateMove{g.parked, g.parkedSeen, to}
		}
		g.busy, g.parked, g.parkedObjects, g.parkedSeen = 0, b, g.objects, from
	}
	g.sleep = 0
	if string(reason) == "sleep" {
		g.sleep = leakgateSleep(block)
	}
	l.pooled = l.pooled || b.pooled()
	g.lastSeen, g.goneBy, g.round = from, -1, l.round
	l.next = append(l.next, g)
}

// sweep closes the lives of those that the dump did not show any more.
func (l *leakgateLife) sweep(now int64) {
	for _, g := range l.pending {
		if g.round != l.round {
			g.goneBy = now
			l.changes++
		}
	}
	l.pending, l.next = l.next, l.pending[:0]
}

// leakgateMostlyBusy is for how many dumps in a row a goroutine must have been able to run to count as one that runs.
const leakgateMostlyBusy = 8

// shown is the block that tells most, and when the goroutine was last seen in it: what a ticker's loop waits for, also if
// the last dump caught it between two ticks; what a late one slept in, also if the last dump caught it waking up.
func (g *leakgateSuspect) shown() (block *leakgateBlockText, lastSeen int64) {
	if g.parked == nil || g.busy == 0 || g.busy >= leakgateMostlyBusy {
		return g.block, g.lastSeen
	}
	if g.goneBy < 0 {
		return g.parked, g.lastSeen
	}
	return g.parked, g.parkedSeen
}

// shownObjects belong to the block that is shown.
func (g *leakgateSuspect) shownObjects() []leakgateObject {
	if block, _ := g.shown(); block != g.block {
		return g.parkedObjects
	}
	return g.objects
}

// still notes that all of the last dump are where they were, as far as counts tell.
func (l *leakgateLife) still(now int64) {
	for _, g := range l.pending {
		if g.lastSeen = now; g.busy == 0 {
			g.parkedSeen = now
		}
	}
}

func leakgateBusy(reason []byte) bool {
	switch string(reason) {
	case "running", "runnable", "preempted", "copystack":
		return true
	}
	return bytes.HasPrefix(reason, leakgateGC) // it works, and assists the collector for a moment
}

var leakgateGC = []byte("GC assist ")

// immovable: nothing can ever wake it.
func (g *leakgateSuspect) immovable() bool {
	if g.proven {
		return true
	}
	reason := g.block.reason()
	return reason == "select (no cases)" || reason == "chan receive (nil chan)" || reason == "chan send (nil chan)"
}

// provable: the leak GC can tell about it.
func (g *leakgateSuspect) provable() bool {
	switch reason := g.block.reason(); reason {
	case "chan receive", "chan send", "select", "sync.Cond.Wait", "sync.Mutex.Lock", "sync.RWMutex.RLock",
		"sync.RWMutex.Lock", "sync.WaitGroup.Wait":
		return true
	}
	return false
}

func (b *leakgateBlockText) reason() string {
	head, _ := leakgateHeader(b.text)
	if i := bytes.Index(head.state, []byte(", ")); i >= 0 {
		return string(head.state[:i])
	}
	return string(head.state)
}

package harness

import (
	"bytes"
	"time"
)

// leakgateEnding is what a library ends some time after its resource was closed; the catalog has the same times.
var leakgateEnding = []struct {
	frame string
	after time.Duration
}{
	{"github.com/syndtr/goleveldb/leveldb.(*DB).mpoolDrain", 1200 * time.Millisecond},
	{"k8s.io/client-go/util/workqueue.(*Typed[...]).updateUnfinishedWorkLoop", 600 * time.Millisecond},
}

// endsAfter is how long a goroutine may take to end once its resource is closed; 0 if that is not known.
func (b *leakgateBlockText) endsAfter() time.Duration {
	for _, e := range leakgateEnding {
		if i := bytes.Index(b.text, []byte("\n"+e.frame)); i >= 0 && bytes.HasPrefix(b.text[i+1+len(e.frame):], []byte("(")) {
			return e.after
		}
	}
	return 0
}

// longestEnd is how long to wait until all that end by themselves have ended: many a loop sleeps, and then asks whether it
// is to end. What takes longer than most is left out.
func (s *leakgateState) longestEnd(most time.Duration) (longest time.Duration) {
	for _, g := range s.life.pending {
		d := time.Duration(g.sleep)
		if d == 0 {
			d = g.block.endsAfter()
		}
		if d == 0 {
			continue
		}
		if d += d/16 + 20*time.Millisecond; d <= most && d > longest {
			longest = d
		}
	}
	return longest
}

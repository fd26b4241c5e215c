// Package pprof is hosted in runtime/pprof: labels that tell whose a goroutine is, and that no other code sees.
//
// A goroutine carries an empty set of labels; which set it is tells the test. Dumps and CPU profiles show nothing of an
// empty set, and goroutine profiles see none (leakgateVisible, called by runtimeProfile.Label).
package pprof

import (
	"context"
	"io"
	"strconv"
	"sync"
	"unsafe"
)

// leakgateSet is what a goroutine carries, and what it means.
type leakgateSet struct {
	carried labelMap
	seq     uint32
	name    string
	filled  *labelMap // nil until it is asked for
}

var leakgateSets struct {
	sync.Mutex
	all   [][]leakgateSet // kept for good: an address is that of one set. The last slice has room for the next ones
	used  int             // of the last one
	known map[*labelMap]*leakgateSet
	shown bool
}

// leakgateKnown finds the set that is carried, nil if it is none of ours. It is under the lock. Few processes ask, so that
// what a test costs is no more than a place in a list.
func leakgateKnown(carried *labelMap) *leakgateSet {
	if leakgateSets.known == nil {
		leakgateSets.known = map[*labelMap]*leakgateSet{}
	}
	for _, sets := range leakgateSets.all[len(leakgateSets.known)/leakgateRoom:] {
		for i := range sets {
			leakgateSets.known[&sets[i].carried] = &sets[i]
		}
	}
	return leakgateSets.known[carried]
}

const leakgateRoom = 64

// LeakgateLabel has the calling goroutine, and all that it starts, carry leakgate=<seq>:<name>, or for the name alone when
// seq is 0; "" takes all labels off.
func LeakgateLabel(seq uint32, name string) uintptr {
	if name == "" {
		runtime_setProfLabel(nil)
		return 0
	}
	l := &leakgateSets
	l.Lock()
	if l.used == leakgateRoom || len(l.all) == 0 {
		l.all, l.used = append(l.all, make([]leakgateSet, leakgateRoom)), 0
	}
	set := &l.all[len(l.all)-1][l.used]
	l.used++
	set.seq, set.name = seq, name
	if l.shown {
		set.carried = *set.fill()
	}
	l.Unlock()
	runtime_setProfLabel(unsafe.Pointer(&set.carried))
	return LeakgateCarried()
}

// LeakgateCarried says which set the calling goroutine carries. Ours are kept for good, so that no other has its address.
func LeakgateCarried() uintptr { return uintptr(runtime_getProfLabel()) }

// fill is under the lock.
func (set *leakgateSet) fill() *labelMap {
	if set.filled == nil {
		const most = 200 // bytes of a name
		value := set.name
		if len(value) > most {
			value = value[:most]
		}
		if set.seq > 0 {
			value = strconv.FormatUint(uint64(set.seq), 10) + ":" + value
		}
		ctx := WithLabels(context.Background(), Labels("leakgate", value))
		set.filled = ctx.Value(labelContextKey{}).(*labelMap)
	}
	return set.filled
}

// leakgateFilled is what a set of ours means; nil for others.
func leakgateFilled(labels *labelMap) *labelMap {
	leakgateSets.Lock()
	defer leakgateSets.Unlock()
	if set := leakgateKnown(labels); set != nil {
		return set.fill()
	}
	return nil
}

// leakgateVisible is what profiles may show of a goroutine's labels.
func leakgateVisible(set *labelMap) *labelMap {
	leakgateSets.Lock()
	defer leakgateSets.Unlock()
	if leakgateKnown(set) != nil {
		return nil
	}
	return set
}

// LeakgateProfile writes the goroutine profile as text (debug=1), with our labels.
func LeakgateProfile(w io.Writer) error {
	return writeRuntimeProfile(w, 1, "goroutine", leakgateWithLabels(leakgateGoroutines))
}

// leakgateWithLabels fills our sets in. The type of a record is another one since Go 1.23.
func leakgateWithLabels[Record any](fetch func([]Record, []unsafe.Pointer) (int, bool)) func([]Record, []unsafe.Pointer) (int, bool) {
	return func(records []Record, labels []unsafe.Pointer) (int, bool) {
		n, ok := fetch(records, labels)
		for i := 0; ok && i < n && i < len(labels); i++ {
			if filled := leakgateFilled((*labelMap)(labels[i])); filled != nil {
				labels[i] = unsafe.Pointer(filled)
			}
		}
		return n, ok
	}
}

// LeakgateShow has dumps show our labels, or not. While a CPU profile runs, which reads them, or is
// being started or stopped, they stay hidden.
func LeakgateShow(on bool) {
	if !cpu.TryLock() {
		return
	}
	defer cpu.Unlock()
	leakgateSets.Lock()
	defer leakgateSets.Unlock()
	if leakgateSets.shown == on || on && cpu.profiling {
		return
	}
	leakgateSets.shown = on
	for _, sets := range leakgateSets.all {
		for i := range sets {
			set := &sets[i]
			set.carried = labelMap{}
			if on && set.name != "" {
				set.carried = *set.fill()
			}
		}
	}
}

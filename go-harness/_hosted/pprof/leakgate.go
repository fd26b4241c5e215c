// Package pprof is hosted in runtime/pprof: labels that tell whose a goroutine is, and that nobody else sees.
//
// A goroutine carries an empty set of labels; which set it is tells the test. Dumps and CPU profiles show nothing of an
// empty set, and goroutine profiles are told that there is none (leakgateVisible, called by runtimeProfile.Label).
package pprof

import (
	"context"
	"io"
	"sync"
	"unsafe"
)

var leakgateSets struct {
	sync.RWMutex
	filled map[*labelMap]*labelMap // sets that goroutines carry → what they stand for
	shown  bool
}

// LeakgateLabel has the calling goroutine, and all that it starts, stand for leakgate=value; "" takes all labels off.
func LeakgateLabel(value string) {
	if value == "" {
		runtime_setProfLabel(nil)
		return
	}
	ctx := WithLabels(context.Background(), Labels("leakgate", value))
	filled := ctx.Value(labelContextKey{}).(*labelMap)
	set := new(labelMap)
	leakgateSets.Lock()
	if leakgateSets.filled == nil {
		leakgateSets.filled = map[*labelMap]*labelMap{}
	}
	leakgateSets.filled[set] = filled
	if leakgateSets.shown {
		*set = *filled
	}
	leakgateSets.Unlock()
	runtime_setProfLabel(unsafe.Pointer(set))
}

// leakgateFilled is what a set of ours stands for; nil for others.
func leakgateFilled(set *labelMap) *labelMap {
	leakgateSets.RLock()
	defer leakgateSets.RUnlock()
	return leakgateSets.filled[set]
}

// leakgateVisible is what profiles may show of a goroutine's labels.
func leakgateVisible(set *labelMap) *labelMap {
	if set != nil && leakgateFilled(set) != nil {
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

// LeakgateShow has dumps show our labels, or not. While a CPU profile runs, which reads them, they stay hidden.
func LeakgateShow(on bool) {
	cpu.Lock()
	defer cpu.Unlock()
	leakgateSets.Lock()
	defer leakgateSets.Unlock()
	if leakgateSets.shown == on || on && cpu.profiling {
		return
	}
	leakgateSets.shown = on
	for set, filled := range leakgateSets.filled {
		var show labelMap
		if on {
			show = *filled
		}
		*set = show
	}
}

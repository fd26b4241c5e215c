package harness

import "bytes"

// leakgateResting is where a goroutine of the baseline rests between two pieces of work, as far as it is known.
type leakgateResting struct {
	place uint64 // 0: not known
	at    uint64 // where it was in the last dump
	since int64  // and since when
}

// leakgateRestingAt: who waits before the first test, waits for work.
func leakgateRestingAt(head leakgateHead, block []byte) (w leakgateResting) {
	if reason, _ := leakgateReason(head.state); !leakgateBusy(reason) {
		w.place = leakgatePlace(block)
	}
	return w
}

// watch notes whether a goroutine of the baseline is at work when all tests have ended. It may work for one of them, and what
// it starts then is to be seen.
func (l *leakgateLife) watch(w leakgateResting, head leakgateHead, block []byte, now int64) leakgateResting {
	reason, _ := leakgateReason(head.state)
	if leakgateBusy(reason) {
		l.atWork = true
		return w
	}
	place := leakgatePlace(block)
	if w.at != place {
		w.at, w.since = place, now
	}
	switch string(reason) {
	case "syscall", "IO wait", "sleep":
		if w.place == 0 && w.rests(string(reason), block, now) {
			w.place = place
		}
		if w.place != place {
			l.atWork = true
		}
	default:
		// It waits for another goroutine: that one is at work, or nothing is.
	}
	return w
}

// rests says whether one whose resting place is not known rests where it is: it waits for connections or signals, or it has
// slept for longer than a sleep there takes, or that takes longer than one would wait.
func (w leakgateResting) rests(reason string, block []byte, now int64) bool {
	if reason != "sleep" {
		return bytes.Contains(block, []byte("ccept(")) || bytes.Contains(block, []byte("\nos/signal."))
	}
	d := leakgateSleep(block)
	return d == 0 || d > leakgateLongSleep || now-w.since > d+d/4
}

// leakgateLongSleep is what a goroutine of the baseline sleeps for between two pieces of work, rather than in one.
const leakgateLongSleep = int64(400e6)

// leakgatePlace names the innermost places of a stack, without their offsets.
func leakgatePlace(block []byte) uint64 {
	const mostFrames, mostOfPath = 16, 24
	hash := uint64(14695981039346656037)
	for frames := 0; frames < mostFrames && len(block) > 0; {
		var line []byte
		line, block = leakgateLine(block)
		if len(line) == 0 || line[0] != '\t' {
			continue
		}
		frames++
		if offset := bytes.LastIndex(line, []byte(" +0x")); offset > 0 {
			line = line[:offset]
		}
		if cut := len(line) - mostOfPath; cut > 0 {
			line = line[cut:]
		}
		for _, c := range line {
			hash = (hash ^ uint64(c)) * 1099511628211
		}
	}
	return hash | 1
}

// leakgateSleep is how long a goroutine in time.Sleep sleeps, ns, by the argument that the dump shows; 0 where it does not.
func leakgateSleep(block []byte) int64 {
	const call = "time.Sleep(0x"
	i := bytes.Index(block, []byte(call))
	if i < 0 {
		return 0
	}
	var d int64
	for _, c := range block[i+len(call):] {
		switch {
		case c >= '0' && c <= '9':
			d = d<<4 | int64(c-'0')
		case c >= 'a' && c <= 'f':
			d = d<<4 | int64(c-'a'+10)
		default:
			return d
		}
		if d > 1<<56 {
			return 0
		}
	}
	return 0
}

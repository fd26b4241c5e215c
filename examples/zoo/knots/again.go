package knots

import "sync"

// A Bell rings for all that listen.
type Bell struct {
	mu     sync.Mutex
	listen []func()
}

// On adds one.
func (b *Bell) On(f func()) {
	b.mu.Lock() // blocked: 80
	defer b.mu.Unlock()
	b.listen = append(b.listen, f)
}

// LeakyRing calls them with the lock held: one that adds another waits for it.
func (b *Bell) LeakyRing() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range b.listen {
		f()
	}
}

// FixedRing calls them when it has unlocked.
func (b *Bell) FixedRing() {
	b.mu.Lock()
	all := append([]func(){}, b.listen...)
	b.mu.Unlock()
	for _, f := range all {
		f()
	}
}

// LeakyStart rings in the background.
func (b *Bell) LeakyStart() {
	go b.LeakyRing() // started: 80
}

// FixedStart does so too.
func (b *Bell) FixedStart() {
	go b.FixedRing()
}

// A Mill grinds until it has to stop.
type Mill struct {
	wg   sync.WaitGroup
	stop chan struct{}
}

// Start starts it.
func (m *Mill) Start() {
	m.stop = make(chan struct{})
	m.wg.Add(1)
	go m.grind() // started: 81a
}

func (m *Mill) grind() {
	defer m.wg.Done()
	<-m.stop // blocked: 81a
}

// LeakyClose waits for the end before it asks for it.
func (m *Mill) LeakyClose() {
	m.wg.Wait() // blocked: 81b
	close(m.stop)
}

// FixedClose asks first.
func (m *Mill) FixedClose() {
	close(m.stop)
	m.wg.Wait()
}

// Shut closes it in the background.
func (m *Mill) Shut(closes func()) {
	go closes() // started: 81b
}

// A Source has values.
type Source interface {
	Values() <-chan int
}

// A Wheel is a source.
type Wheel struct {
	mu  sync.Mutex
	out chan int
}

// Values returns what it gives.
func (w *Wheel) Values() <-chan int { return w.out }

// Look waits until nothing turns it.
func (w *Wheel) Look() {
	w.mu.Lock() // blocked: 82b
	defer w.mu.Unlock()
}

func (w *Wheel) spin() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := 0; i < 2; i++ {
		w.out <- i // blocked: 82a
	}
	close(w.out)
}

// A Viewer looks at each value.
type Viewer struct {
	from Source
	look func()
}

func (v *Viewer) watch() {
	for range v.from.Values() {
		v.look()
	}
}

// LeakyView looks at the wheel with a value taken: the wheel waits for the next one to be taken.
func LeakyView() {
	w := &Wheel{out: make(chan int)}
	v := &Viewer{from: w, look: w.Look}
	go w.spin()  // started: 82a
	go v.watch() // started: 82b
}

// FixedView has room for all values.
func FixedView() {
	w := &Wheel{out: make(chan int, 2)}
	v := &Viewer{from: w, look: w.Look}
	go w.spin()
	go v.watch()
}

//! Causes and fixes of kinds of bugs that are known from large projects: locks, circles of waits, nil channels.

use super::kind::{all, goroutine, of, only, words};
use crate::leak::*;

const LOOP: &str = r#"package m
type conn struct {
	inbox chan int
	ended chan struct{}
}
func dial() *conn {
	return &conn{inbox: make(chan int), ended: make(chan struct{})}
}
func (c *conn) Begin() {
	go c.pump()
}
func (c *conn) pump() {
	defer close(c.ended)
	<-c.inbox // 22
}
func work(c *conn) {
	<-c.ended // 21
}
func TestA(t *testing.T) {
	c := dial()
	START
	go work(c) // go 21
}
"#;

#[test]
fn what_a_goroutine_closes_at_its_end_is_no_way_to_end_it() {
    for start in [
        "c.Begin() // go 22",
        "go func() { c.pump() }() // go 22",
        "func() { go func() { defer func() { c.pump() }() }() }() // go 22",
    ] {
        let source = LOOP.replace("START", start);
        let alone = only("chan receive", &source);
        for wrong in ["Begin", "pump", "Call `", "call `"] {
            assert!(!alone.fix.contains(wrong), "{start}: {alone:?}");
        }
    }
}

#[test]
fn who_waits_for_a_goroutine_that_waits_itself_is_told_what_for() {
    let source = LOOP.replace("START", "go c.pump() // go 22");
    let dump = goroutine(21, "chan receive", "", "m.work", &source)
        + &goroutine(22, "chan receive", "", "m.(*conn).pump", &source);
    let groups = all(&dump, &source);
    let waits = of(&groups, "m.work");
    assert!(waits.waits_for.contains("m.(*conn).pump"), "{waits:?}");
    assert!(waits.waits_for.contains("`c.inbox`"), "{waits:?}");
    assert!(
        !waits.waits_for.contains("`c.ended`, but nothing sends"),
        "{waits:?}"
    );
}

#[test]
fn a_loop_left_by_break_with_the_lock_held_is_named() {
    let source = r#"package m
type gossip struct {
	mu     sync.Mutex
	closed bool
}
func (g *gossip) boot() {
	for {
		g.mu.Lock()
		if g.closed {
			break // kept
		}
		g.mu.Unlock()
	}
}
func (g *gossip) work() {
	g.mu.Lock() // 21
	g.mu.Unlock()
}
func TestA(t *testing.T) {
	g := &gossip{closed: true}
	g.boot()
	go g.work() // go 21
}
"#;
    let dump = goroutine(
        21,
        "sync.Mutex.Lock",
        "sync.(*Mutex).Lock(...)\n\t/go/src/sync/mutex.go:46 +0x1\n",
        "m.(*gossip).work",
        source,
    );
    let groups = all(&dump, source);
    let cause = of(&groups, "m.(*gossip).work");
    let kept = source.lines().position(|line| line.contains("// kept")).unwrap() + 1;
    assert!(
        cause.fix.contains(&format!("before the `break` at line {kept}")),
        "{cause:?}"
    );
    // After the loop it is given back.
    let given = source.replace(
        "\t\tg.mu.Unlock()\n\t}\n}",
        "\t\tg.mu.Unlock()\n\t}\n\tg.mu.Unlock()\n}",
    );
    assert_ne!(given, source);
    let groups = all(&dump, &given);
    let cause = of(&groups, "m.(*gossip).work");
    assert!(!words(cause).contains("`break`"), "{cause:?}");
}

#[test]
fn a_field_that_is_set_to_nil_is_named() {
    let source = r#"package m
type source struct{ done chan struct{} }
func open() *source { return &source{done: make(chan struct{})} }
func (s *source) work() {
	<-s.done // 21
}
func (s *source) Stop() {
	close(s.done)
	s.done = nil
}
func TestA(t *testing.T) {
	s := open()
	go s.work() // go 21
	s.Stop()
}
"#;
    let cause = only("chan receive (nil chan)", source);
    assert_eq!(cause.code, CauseCode::NilChannel, "{cause:?}");
    assert!(cause.fix.contains("line 9"), "{cause:?}");
    assert!(cause.fix.contains("Stop"), "{cause:?}");
}

#[test]
fn a_wait_in_the_loop_that_starts_what_it_waits_for_belongs_behind_it() {
    let source = r#"package m
func work(all []int) {
	var group sync.WaitGroup
	group.Add(len(all))
	for _, one := range all {
		go func() {
			defer group.Done()
			_ = one
		}()
		group.Wait() // 21
	}
}
func TestA(t *testing.T) {
	go work([]int{1, 2}) // go 21
}
"#;
    let waits = "sync.(*WaitGroup).Wait(...)\n\t/go/src/sync/waitgroup.go:118 +0x1\n";
    let dump = goroutine(21, "sync.WaitGroup.Wait", waits, "m.work", source);
    let groups = all(&dump, source);
    let cause = of(&groups, "m.work");
    assert!(cause.fix.contains("after the loop"), "{cause:?}");
    // Where each round adds one, each round may wait for it.
    let each = source
        .replace("\tgroup.Add(len(all))\n", "")
        .replace("\t\tgo func", "\t\tgroup.Add(1)\n\t\tgo func");
    let dump = goroutine(21, "sync.WaitGroup.Wait", waits, "m.work", &each);
    let groups = all(&dump, &each);
    let cause = of(&groups, "m.work");
    assert!(!cause.fix.contains("after the loop"), "{cause:?}");
}

#[test]
fn a_lock_held_meanwhile_that_others_wait_for_is_told() {
    let source = r#"package m
type control struct {
	lock  sync.RWMutex
	ready *sync.Cond
}
func (c *control) work() {
	c.lock.RLock()
	defer c.lock.RUnlock()
	c.ready.L.Lock()
	c.ready.Wait() // 21
	c.ready.L.Unlock()
}
func (c *control) sync() {
	c.lock.Lock() // 22
	c.lock.Unlock()
}
func (c *control) put() { c.ready.Signal() }
func TestA(t *testing.T) {
	c := &control{ready: sync.NewCond(&sync.Mutex{})}
	go c.work() // go 21
	go c.sync() // go 22
}
"#;
    let cond = "sync.(*Cond).Wait(...)\n\t/go/src/sync/cond.go:71 +0x1\n";
    let lock = "sync.(*RWMutex).Lock(...)\n\t/go/src/sync/rwmutex.go:155 +0x1\n";
    let dump = goroutine(21, "sync.Cond.Wait", cond, "m.(*control).work", source)
        + &goroutine(22, "sync.RWMutex.Lock", lock, "m.(*control).sync", source);
    let groups = all(&dump, source);
    let cause = of(&groups, "m.(*control).work");
    assert!(words(cause).contains("holds `c.lock`"), "{cause:?}");
    assert!(cause.fix.contains("RUnlock `c.lock` before"), "{cause:?}");
}

#[test]
fn two_selects_that_send_to_each_other_are_a_cycle() {
    let source = r#"package m
type raft struct {
	events chan func()
	calls  chan int
	stop   chan struct{}
}
func (r *raft) store() {
	for {
		select {
		case call := <-r.events:
			call()
		case <-r.stop:
			return
		}
	}
}
func (r *raft) back() {
	select { // 21
	case r.calls <- 1:
	case <-r.stop:
	}
}
func (r *raft) loop() {
	for {
		select {
		case <-r.calls:
		case <-r.stop:
			return
		default:
			r.send()
		}
	}
}
func (r *raft) send() {
	select { // 22
	case r.events <- r.back:
	case <-r.stop:
	}
}
func TestA(t *testing.T) {
	r := &raft{events: make(chan func()), calls: make(chan int), stop: make(chan struct{})}
	go r.store() // go 21
	go r.loop() // go 22
}
"#;
    let under = |dump: String, func: &str, mark: &str| {
        let at = source.lines().position(|line| line.contains(mark)).unwrap() + 1;
        dump.replacen(
            "created by",
            &format!("m.(*raft).{func}()\n\t/m/x.go:{at} +0x1\ncreated by"),
            1,
        )
    };
    let dump = under(
        goroutine(21, "select", "", "m.(*raft).back", source),
        "store",
        "\t\t\tcall()",
    ) + &under(
        goroutine(22, "select", "", "m.(*raft).send", source),
        "loop",
        "\t\t\tr.send()",
    );
    let groups = all(&dump, source);
    for owner in ["m.(*raft).store", "m.(*raft).loop"] {
        let cause = of(&groups, owner);
        assert!(words(cause).contains("cycle of waits"), "{cause:?}");
    }
}

#[test]
fn who_waits_in_a_cond_does_not_hold_its_lock() {
    let source = r#"package m
type pool struct {
	mu    sync.Mutex
	ready *sync.Cond
}
func newPool() *pool {
	p := &pool{}
	p.ready = sync.NewCond(&p.mu)
	return p
}
func (p *pool) get() {
	p.mu.Lock()
	p.ready.Wait() // 21
	p.mu.Unlock()
}
func (p *pool) fail() {
	p.mu.Lock() // kept
}
func (p *pool) work() {
	p.mu.Lock() // 22
	p.mu.Unlock()
}
func TestA(t *testing.T) {
	p := newPool()
	go p.get() // go 21
	go p.fail()
	go p.work() // go 22
}
"#;
    let cond = "sync.(*Cond).Wait(...)\n\t/go/src/sync/cond.go:71 +0x1\n";
    let lock = "sync.(*Mutex).Lock(...)\n\t/go/src/sync/mutex.go:46 +0x1\n";
    let dump = goroutine(21, "sync.Cond.Wait", cond, "m.(*pool).get", source)
        + &goroutine(22, "sync.Mutex.Lock", lock, "m.(*pool).work", source);
    let groups = all(&dump, source);
    let cause = of(&groups, "m.(*pool).work");
    assert!(!words(cause).contains("(*pool).get"), "{cause:?}");
    assert!(words(cause).contains("fail"), "{cause:?}");
}

#[test]
fn what_a_deferred_function_of_the_goroutine_closes_is_its_end_and_it_may_wait_for_itself() {
    let source = r#"package m
type link struct {
	in    chan func()
	ended chan struct{}
}
func (l *link) run() {
	defer func() {
		close(l.ended)
	}()
	for f := range l.in {
		f() // call
	}
}
func (l *link) close() {
	<-l.ended // 22
}
func TestA(t *testing.T) {
	l := &link{in: make(chan func()), ended: make(chan struct{})}
	go l.run() // go 22
	go wait(l) // go 21
}
func wait(l *link) {
	<-l.ended // 21
}
"#;
    let call = source.lines().position(|line| line.contains("// call")).unwrap() + 1;
    let inside = goroutine(22, "chan receive", "", "m.(*link).close", source).replacen(
        "created by",
        &format!("m.(*link).run()\n\t/m/x.go:{call} +0x1\ncreated by"),
        1,
    );
    let dump = inside + &goroutine(21, "chan receive", "", "m.wait", source);
    let groups = all(&dump, source);
    let itself = of(&groups, "m.(*link).run");
    assert!(itself.waits_for.contains("waits for itself"), "{itself:?}");
    let other = of(&groups, "m.wait");
    assert!(
        other.waits_for.contains("m.(*link).run does not come"),
        "{other:?}"
    );
}

#[test]
fn each_path_that_keeps_a_lock_is_named() {
    let source = r#"package m
type book struct{ mu sync.Mutex; shut bool }
func (b *book) read() {
	b.mu.Lock()
	if b.shut {
		return // one
	}
	b.mu.Unlock()
}
func (b *book) write() {
	b.mu.Lock()
	if b.shut {
		return // two
	}
	b.mu.Unlock()
}
func (b *book) work() {
	b.mu.Lock() // 21
	b.mu.Unlock()
}
func TestA(t *testing.T) {
	b := &book{}
	go b.work() // go 21
}
"#;
    let lock = "sync.(*Mutex).Lock(...)\n\t/go/src/sync/mutex.go:46 +0x1\n";
    let dump = goroutine(21, "sync.Mutex.Lock", lock, "m.(*book).work", source);
    let groups = all(&dump, source);
    let cause = of(&groups, "m.(*book).work");
    for name in [
        "in read before the `return` at line 6",
        "in write before the `return` at line 13",
    ] {
        assert!(cause.fix.contains(name), "{cause:?}");
    }
}

#[test]
fn a_place_that_another_method_gives_back_is_kept_where_the_sender_fails() {
    let source = r#"package m
type pool struct{ places chan struct{} }
func newPool() *pool { return &pool{places: make(chan struct{}, 2)} }
func (p *pool) take(dial func() error) error {
	p.places <- struct{}{} // 21
	return dial()
}
func (p *pool) put() {
	<-p.places
}
func TestA(t *testing.T) {
	p := newPool()
	p.take(fail)
	go p.take(fail) // go 21
}
"#;
    let groups = all(&goroutine(21, "chan send", "", "m.(*pool).take", source), source);
    let cause = of(&groups, "m.(*pool).take");
    assert!(cause.fix.contains("as put does (line 9)"), "{cause:?}");
    assert!(!cause.fix.contains("larger"), "{cause:?}");
    // Values that are read for what they say are no places.
    let values = source
        .replace("chan struct{}", "chan int")
        .replace("<- struct{}{}", "<- 1");
    let groups = all(
        &goroutine(21, "chan send", "", "m.(*pool).take", &values),
        &values,
    );
    assert!(!of(&groups, "m.(*pool).take").fix.contains("put"));
}

#[test]
fn a_lock_that_may_be_its_own_is_not_to_be_taken_inside() {
    let source = r#"package m
type cache struct {
	mu sync.RWMutex
	on func()
}
func (c *cache) evict() {
	c.mu.Lock()
	c.on() // call
	c.mu.Unlock()
}
func (c *cache) size() {
	c.mu.RLock() // 21
	c.mu.RUnlock()
}
func TestA(t *testing.T) {
	c := &cache{}
	c.on = func() { c.size() } // on
	go c.evict() // go 21
}
"#;
    let at = |mark: &str| source.lines().position(|line| line.contains(mark)).unwrap() + 1;
    let lock = "sync.(*RWMutex).RLock(...)\n\t/go/src/sync/rwmutex.go:74 +0x1\n";
    let dump = goroutine(21, "sync.RWMutex.RLock", lock, "m.(*cache).size", source).replacen(
        "created by",
        &format!(
            "m.TestA.func1()\n\t/m/x.go:{} +0x1\nm.(*cache).evict()\n\t/m/x.go:{} +0x1\ncreated by",
            at("// on"),
            at("// call")
        ),
        1,
    );
    let groups = all(&dump, source);
    let cause = of(&groups, "m.(*cache).evict");
    assert!(
        words(cause).contains("line 7") || words(cause).contains("x.go:7"),
        "{cause:?}"
    );
    assert!(cause.fix.starts_with("call `c.on` (x.go:"), "{cause:?}");
}

#[test]
fn a_lock_that_a_goroutine_was_handed_is_held_by_it() {
    let source = r#"package m
type keeper struct {
	mu  sync.Mutex
	add chan int
}
func (k *keeper) work() {
	for range k.add { // in
		k.drop()
	}
}
func (k *keeper) drop() {
	k.mu.Lock() // 21
	k.mu.Unlock()
}
func TestA(t *testing.T) {
	k := &keeper{add: make(chan int)}
	go k.work() // go 21
	k.mu.Lock() // took
	go func() { // go 22
		defer k.mu.Unlock()
		k.add <- 1 // 22
	}()
}
"#;
    let lock = "sync.(*Mutex).Lock(...)\n\t/go/src/sync/mutex.go:46 +0x1\n";
    let dump = goroutine(21, "sync.Mutex.Lock", lock, "m.(*keeper).drop", source).replacen(
        "created by",
        "m.(*keeper).work()\n\t/m/x.go:8 +0x1\ncreated by",
        1,
    ) + &goroutine(22, "chan send", "", "m.TestA.func1", source);
    let groups = all(&dump, source);
    let cause = of(&groups, "m.(*keeper).work");
    assert!(!words(cause).contains("never unlocks"), "{cause:?}");
    assert!(words(cause).contains("cycle of waits"), "{cause:?}");
    assert!(cause.fix.contains("unlock `k.mu`"), "{cause:?}");
}

#[test]
fn two_locks_in_two_orders_are_a_cycle_also_through_fields_that_lead_back() {
    let source = r#"package m
type store struct {
	mu   sync.Mutex
	ring *ring
}
type ring struct {
	mu    sync.Mutex
	store *store
}
func (s *store) put() {
	s.mu.Lock()
	s.ring.mu.Lock() // 21
}
func (r *ring) drop() {
	r.mu.Lock()
	r.store.mu.Lock() // 22
}
func TestA(t *testing.T) {
	s := &store{}
	r := &ring{store: s}
	s.ring = r
	go s.put() // go 21
	go r.drop() // go 22
}
"#;
    let lock = "sync.(*Mutex).Lock(...)\n\t/go/src/sync/mutex.go:46 +0x1\n";
    let dump = goroutine(21, "sync.Mutex.Lock", lock, "m.(*store).put", source)
        + &goroutine(22, "sync.Mutex.Lock", lock, "m.(*ring).drop", source);
    let groups = all(&dump, source);
    for owner in ["m.(*store).put", "m.(*ring).drop"] {
        assert!(words(of(&groups, owner)).contains("lock cycle"), "{groups:?}");
    }
}

#[test]
fn the_function_of_a_frame_is_the_named_one_where_a_line_holds_a_literal_too() {
    let source = r#"package m
type raft struct {
	events chan int
	calls  chan func()
}
func (r *raft) state() {
	for call := range r.calls {
		call()
		r.events <- 1 // 21
	}
}
func (r *raft) process() {
	for range r.events {
		r.calls <- func() {} // first
		r.calls <- func() {} // 22
	}
}
func TestA(t *testing.T) {
	r := &raft{events: make(chan int), calls: make(chan func())}
	go r.state() // go 21
	go r.process() // go 22
}
"#;
    let dump = goroutine(21, "chan send", "", "m.(*raft).state", source)
        + &goroutine(22, "chan send", "", "m.(*raft).process", source);
    let groups = all(&dump, source);
    for owner in ["m.(*raft).state", "m.(*raft).process"] {
        let cause = of(&groups, owner);
        assert!(words(cause).contains("cycle of waits"), "{cause:?}");
        assert!(!cause.waits_for.contains("no goroutine"), "{cause:?}");
        assert!(!cause.waits_for.contains("any more"), "{cause:?}");
    }
}

#[test]
fn a_field_that_is_handed_on_before_it_is_made_is_named() {
    let source = r#"package m
type factory struct{ stop <-chan struct{} }
func (f *factory) Start(end <-chan struct{}) {
	go work(f.stop) // go 21
	f.stop = end
}
func work(stop <-chan struct{}) {
	<-stop // 21
}
func TestA(t *testing.T) {
	f := &factory{}
	f.Start(make(chan struct{}))
}
"#;
    let dump = goroutine(21, "chan receive (nil chan)", "", "m.work", source);
    let dump = dump.replace("created by m.TestA", "created by m.(*factory).Start");
    let groups = all(&dump, source);
    let cause = of(&groups, "m.work");
    assert!(
        cause
            .fix
            .contains("set `f.stop` (line 5) before it is handed on (line 4)"),
        "{cause:?}"
    );
}

#[test]
fn a_value_that_was_sent_before_is_no_place_that_is_held() {
    let source = r#"package m
type compactor struct{ wake chan struct{} }
func (c *compactor) start() {
	c.wake <- struct{}{} // 21
	go func() {
		for range c.wake {
		}
	}()
}
func work() {
	c := &compactor{wake: make(chan struct{}, 1)}
	c.wake <- struct{}{}
	c.start() // call
}
func TestA(t *testing.T) {
	go work() // go 21
}
"#;
    let at = source.lines().position(|line| line.contains("// call")).unwrap() + 1;
    let dump = goroutine(21, "chan send", "", "m.(*compactor).start", source).replacen(
        "created by",
        &format!("m.work()\n\t/m/x.go:{at} +0x1\ncreated by"),
        1,
    );
    let groups = all(&dump, source);
    let cause = of(&groups, "m.work");
    assert!(!words(cause).contains("place"), "{cause:?}");
}

#[test]
fn a_return_behind_the_loop_keeps_no_lock_of_it() {
    let source = r#"package m
type vm struct{ mu sync.Mutex }
func (v *vm) add(all []int) error {
	for _, one := range all {
		v.mu.Lock()
		if one < 0 {
			continue // kept
		}
		v.mu.Unlock()
	}
	return nil
}
func (v *vm) work() {
	v.mu.Lock() // 21
	v.mu.Unlock()
}
func TestA(t *testing.T) {
	v := &vm{}
	go v.work() // go 21
}
"#;
    let lock = "sync.(*Mutex).Lock(...)\n\t/go/src/sync/mutex.go:46 +0x1\n";
    let groups = all(
        &goroutine(21, "sync.Mutex.Lock", lock, "m.(*vm).work", source),
        source,
    );
    let cause = of(&groups, "m.(*vm).work");
    assert!(cause.fix.contains("before the `continue` at line 7"), "{cause:?}");
    assert!(!cause.fix.contains("return"), "{cause:?}");
}

#[test]
fn who_waits_for_a_group_is_told_what_ends_its_worker() {
    let source = r#"package m
type lane struct{ in chan int }
func work(l *lane) {
	var group sync.WaitGroup
	group.Add(1)
	go func() { // go 22
		defer group.Done()
		<-l.in // 22
	}()
	group.Wait() // 21
}
func TestA(t *testing.T) {
	l := &lane{in: make(chan int)}
	go work(l) // go 21
}
"#;
    let waits = "sync.(*WaitGroup).Wait(...)\n\t/go/src/sync/waitgroup.go:118 +0x1\n";
    let dump = goroutine(21, "sync.WaitGroup.Wait", waits, "m.work", source)
        + &goroutine(22, "chan receive", "", "m.work.func1", source);
    let groups = all(&dump, source);
    let cause = of(&groups, "m.work");
    assert!(
        cause.fix.contains("first: nothing closes `in` of the lane"),
        "{cause:?}"
    );
}

#[test]
fn a_receive_that_a_loop_further_out_comes_back_to_is_the_other_end() {
    let source = r#"package m
type manager struct {
	mu    sync.Mutex
	queue chan int
}
func (m *manager) work() {
	for i := 0; i < 3; i++ {
		m.batch() // call
	}
}
func (m *manager) batch() {
	<-m.queue
	m.drop() // drop
}
func (m *manager) drop() {
	m.mu.Lock() // 21
	m.mu.Unlock()
}
func (m *manager) set() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.queue <- 1 // 22
}
func TestA(t *testing.T) {
	m := &manager{queue: make(chan int)}
	go m.work() // go 21
	go m.set() // go 22
}
"#;
    let at = |mark: &str| source.lines().position(|line| line.contains(mark)).unwrap() + 1;
    let lock = "sync.(*Mutex).Lock(...)\n\t/go/src/sync/mutex.go:46 +0x1\n";
    let dump = goroutine(21, "sync.Mutex.Lock", lock, "m.(*manager).drop", source).replacen(
        "created by",
        &format!(
            "m.(*manager).batch()\n\t/m/x.go:{} +0x1\nm.(*manager).work()\n\t/m/x.go:{} +0x1\ncreated by",
            at("// drop"),
            at("// call")
        ),
        1,
    ) + &goroutine(22, "chan send", "", "m.(*manager).set", source);
    let groups = all(&dump, source);
    let cause = of(&groups, "m.(*manager).set");
    assert!(words(cause).contains("cycle of waits"), "{cause:?}");
    assert!(cause.waits_for.contains(", which this one holds ("), "{cause:?}");
}

#[test]
fn a_timer_that_was_taken_from_a_map_may_be_the_one_that_is_stopped() {
    let source = r#"package m
import "time"
type cache struct{ timers map[string]*time.Timer }
func (c *cache) remove(name string) {
	t := time.NewTimer(80 * time.Millisecond)
	c.timers[name] = t
	go func() { // go 21
		<-t.C // 21
	}()
}
func (c *cache) readd(name string) bool {
	t, ok := c.timers[name]
	return ok && t.Stop()
}
func TestA(tt *testing.T) {
	c := &cache{timers: map[string]*time.Timer{}}
	c.remove("a")
	CALL
}
"#;
    let cause = |call: &str| {
        let source = source.replace("CALL", call);
        let dump = goroutine(21, "chan receive", "", "m.(*cache).remove.func1", &source);
        let dump = dump.replace("created by m.TestA", "created by m.(*cache).remove");
        let groups = all(&dump, &source);
        of(&groups, "m.(*cache).remove.func1").clone()
    };
    let stopped = cause("c.readd(\"a\")");
    assert_eq!(stopped.code, CauseCode::ReceiveNoSender, "{stopped:?}");
    assert!(stopped.waits_for.contains("`t.Stop` (line 13)"), "{stopped:?}");
    assert_eq!(cause("_ = c").code, CauseCode::TimerPending);
}

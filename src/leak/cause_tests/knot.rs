//! Causes of knots: groups, locks, Conds and Onces that wait for what does not come, and tests that hang in them.

use super::kind::{all, goroutine, line, of, words};
use crate::leak::*;

const GROUP: &str = "sync.runtime_SemacquireWaitGroup(0x1)\n\t/go/src/runtime/sema.go:1 +0x1\nsync.(*WaitGroup).Wait(0x1)\n\t/go/src/sync/waitgroup.go:1 +0x1\n";
const LOCK: &str = "internal/sync.runtime_SemacquireMutex(0x1)\n\t/go/src/runtime/sema.go:1 +0x1\ninternal/sync.(*Mutex).lockSlow(0x1)\n\t/go/src/internal/sync/mutex.go:1 +0x1\nsync.(*Mutex).Lock(...)\n\t/go/src/sync/mutex.go:1\n";

/// The cause of a goroutine that waits for a group in `m.wait`.
fn group_of(source: &str) -> Cause {
    let dump = goroutine(21, "sync.WaitGroup.Wait", GROUP, "m.wait", source);
    of(&all(&dump, source), "m.wait").clone()
}

fn collect(worker: &str) -> String {
    format!(
        "package m\nimport \"sync\"\nfunc wait(wg *sync.WaitGroup) {{\n\twg.Wait() // 21\n}}\nfunc collect(items []int, f func(int) error, jobs chan int) {{\n\tvar wg sync.WaitGroup\n\twg.Add(len(items)) // add\n{worker}\n\tgo wait(&wg) // go 21\n}}\nfunc TestA() {{\n\tcollect(nil, nil, nil)\n}}\n"
    )
}

#[test]
fn a_return_that_leaves_before_done_is_named() {
    let source = collect(
        "\tfor _, it := range items {\n\t\tgo func() {\n\t\t\tif err := f(it); err != nil {\n\t\t\t\treturn // early\n\t\t\t}\n\t\t\tprintln()\n\t\t\twg.Done() // done\n\t\t}()\n\t}",
    );
    let found = group_of(&source);
    let at = |mark: &str| format!("line {}", line(&source, mark));
    assert_eq!(
        found.waits_for,
        format!(
            "`wg`, a WaitGroup whose count never reaches zero: the `return` ({}) leaves without Done",
            at("// early")
        )
    );
    assert_eq!(
        found.fix,
        format!(
            "`defer wg.Done()` first in the goroutine, in place of the one at {}, which comes too late for the `return` ({})",
            at("// done"),
            at("// early")
        )
    );
}

#[test]
fn a_return_between_add_and_a_deferred_done_is_named_and_one_before_add_is_not() {
    let source = "package m\nimport \"sync\"\ntype Drain struct{ wg sync.WaitGroup; n, limit int }\nfunc (d *Drain) Handle(f func()) bool {\n\tif f == nil {\n\t\treturn false // nothing\n\t}\n\td.wg.Add(1) // add\n\tif d.n > d.limit {\n\t\treturn false // early\n\t}\n\tdefer d.wg.Done() // done\n\tf()\n\treturn true\n}\nfunc wait(d *Drain) {\n\td.wg.Wait() // 21\n}\nfunc TestA() {\n\tvar d Drain\n\td.Handle(nil)\n\tgo wait(&d) // go 21\n}\n";
    let found = group_of(source);
    let at = |mark: &str| format!("line {}", line(source, mark));
    assert!(
        found.waits_for.ends_with(&format!(
            "never reaches zero: the `return` ({}) leaves without Done",
            at("// early")
        )),
        "{found:?}"
    );
    assert_eq!(
        found.fix,
        format!(
            "`defer d.wg.Done()` right after `d.wg.Add(1)` ({}), in place of the one at {}, which comes too late for the `return` ({})",
            at("// add"),
            at("// done"),
            at("// early")
        )
    );
}

#[test]
fn a_round_that_goes_on_without_done_is_named() {
    let source = collect(
        "\tgo func() {\n\t\tfor it := range jobs {\n\t\t\tif f(it) != nil {\n\t\t\t\tcontinue // early\n\t\t\t}\n\t\t\twg.Done() // done\n\t\t}\n\t}()",
    );
    let found = group_of(&source);
    let at = |mark: &str| format!("line {}", line(&source, mark));
    assert_eq!(
        found.fix,
        format!(
            "call `wg.Done()` before the `continue` ({}) too ({} does)",
            at("// early"),
            at("// done")
        )
    );
}

#[test]
fn a_return_that_has_called_done_or_hands_it_on_is_not_named() {
    for worker in [
        // The way out calls Done itself, or in what it calls.
        "\tgo func() {\n\t\tif f(1) != nil {\n\t\t\twg.Done()\n\t\t\treturn\n\t\t}\n\t\twg.Done()\n\t}()",
        "\tfinish := func() { wg.Done() }\n\tgo func() {\n\t\tif f(1) != nil {\n\t\t\tfinish()\n\t\t\treturn\n\t\t}\n\t\twg.Done()\n\t}()",
        // Only the way that fails calls Done: else who gets the result has to.
        "\tgo func() {\n\t\tif f(1) != nil {\n\t\t\twg.Done()\n\t\t\treturn\n\t\t}\n\t\treturn\n\t}()",
        "\tgo func() {\n\t\tdefer wg.Done()\n\t\tif f(1) != nil {\n\t\t\treturn\n\t\t}\n\t}()",
        "\tgo func() {\n\t\tdefer func() { wg.Done() }()\n\t\tif f(1) != nil {\n\t\t\treturn\n\t\t}\n\t}()",
    ] {
        let found = group_of(&collect(worker));
        assert!(!words(&found).contains("leave"), "{worker}: {found:?}");
    }
}

#[test]
fn a_wait_for_workers_that_wait_in_a_circle_tells_the_circle() {
    let source = "package m\nimport \"sync\"\ntype acc struct{ mu sync.Mutex }\nfunc move(a, b *acc) {\n\ta.mu.Lock()\n\tdefer a.mu.Unlock()\n\tb.mu.Lock() // 22\n}\nfunc wait(wg *sync.WaitGroup) {\n\twg.Wait() // 21\n}\nfunc TestA() {\n\tvar wg sync.WaitGroup\n\tx, y := new(acc), new(acc)\n\tgo wait(&wg) // go 21\n\twg.Go(func() { move(x, y) }) // one\n\twg.Go(func() { move(y, x) }) // two\n}\n";
    let worker = |id: u32, closure: &str, mark: &str| {
        format!(
            "goroutine {id} [sync.Mutex.Lock]:\n{LOCK}m.move(0x1)\n\t/m/x.go:{} +0x1\nm.TestA.{closure}()\n\t/m/x.go:{} +0x1\nsync.(*WaitGroup).Go.func1()\n\t/go/src/sync/waitgroup.go:2 +0x1\ncreated by sync.(*WaitGroup).Go in goroutine 10\n\t/go/src/sync/waitgroup.go:3 +0x2\n\n",
            line(source, "// 22"),
            line(source, mark),
        )
    };
    let dump = goroutine(21, "sync.WaitGroup.Wait", GROUP, "m.wait", source)
        + &worker(22, "func1", "// one")
        + &worker(23, "func2", "// two");
    let found = all(&dump, source);
    let wait = of(&found, "m.wait");
    assert_eq!(
        wait.waits_for,
        "`wg`, a WaitGroup for which 2 goroutines of m.TestA have not called Done: they wait in a circle: a goroutine of m.TestA holds `a.mu` (x.go:5) and waits for `b.mu` (x.go:7); a goroutine of m.TestA holds `a.mu` (x.go:5) and waits for `b.mu` (x.go:7)"
    );
    assert_eq!(
        wait.fix,
        "take the locks in the same order everywhere: `a.mu` (x.go:5) and `b.mu` by a number or name of each, not in the order in which m.move gets them"
    );
}

#[test]
fn a_wait_that_was_handed_on_as_a_function_is_followed_to_its_group() {
    let source = "package m\nimport \"sync\"\nfunc eventually(f func()) {\n\tgo wait(f) // go 21\n}\nfunc wait(f func()) {\n\tf() // 21\n}\nfunc work(c chan int) {\n\t<-c // 22\n}\nfunc TestA() {\n\tvar wg sync.WaitGroup\n\tc := make(chan int)\n\twg.Go(func() { work(c) }) // go 22\n\teventually(wg.Wait)\n}\nfunc TestB() {\n\tvar other sync.WaitGroup\n\teventually(other.Wait)\n}\n";
    let wait = goroutine(21, "sync.WaitGroup.Wait", GROUP, "m.wait", source);
    let worker = format!(
        "goroutine 22 [chan receive]:\nm.work(0x1)\n\t/m/x.go:{} +0x1\nm.TestA.func1()\n\t/m/x.go:{} +0x1\nsync.(*WaitGroup).Go.func1()\n\t/go/src/sync/waitgroup.go:2 +0x1\ncreated by sync.(*WaitGroup).Go in goroutine 10\n\t/go/src/sync/waitgroup.go:3 +0x2\n\n",
        line(source, "// 22"),
        line(source, "// go 22"),
    );
    let found = all(&(wait + &worker), source);
    let wait = of(&found, "m.wait");
    assert_eq!(
        wait.waits_for,
        "`wg`, a WaitGroup for which a goroutine of m.TestA has not called Done: that waits for a value from `c`, but nothing sends to it or closes it (x.go:10)"
    );
    assert!(!wait.fix.contains("wg.Done()"), "{wait:?}");
}

/// A goroutine in `m.(*Lazy).Do`, which calls Do of a Once: further out it runs the function of one.
fn once(id: u32, source: &str, runs: &str) -> String {
    let stack = goroutine(
        id,
        "sync.Mutex.Lock",
        &format!(
            "{LOCK}sync.(*Once).doSlow(0x1, 0x2)\n\t/go/src/sync/once.go:1 +0x1\nsync.(*Once).Do(...)\n\t/go/src/sync/once.go:2\n"
        ),
        "m.(*Lazy).Do",
        source,
    );
    stack.replace("created by", &format!("{runs}created by"))
}

#[test]
fn a_function_of_a_once_that_needs_the_once_waits_for_itself() {
    let source = "package m\nimport \"sync\"\ntype Lazy struct{ once sync.Once; f func() }\nfunc (l *Lazy) Do() {\n\tl.once.Do(l.f) // 21\n}\nfunc TestA() {\n\tl := &Lazy{}\n\tl.f = func() { l.Do() } // inner\n\tgo l.Do() // go 21\n}\n";
    let at = line(source, "// 21");
    let runs = format!(
        "m.TestA.func1()\n\t/m/x.go:{} +0x1\nsync.(*Once).doSlow(0x1, 0x2)\n\t/go/src/sync/once.go:1 +0x1\nsync.(*Once).Do(...)\n\t/go/src/sync/once.go:2\nm.(*Lazy).Do(0x1)\n\t/m/x.go:{at} +0x1\n",
        line(source, "// inner"),
    );
    let own = once(21, source, &runs);
    let found = all(&own, source).remove(0).cause;
    assert_eq!(
        found.waits_for,
        format!(
            "the end of a sync.Once function that it is in itself, further up this stack (x.go:{at}): it waits for itself"
        )
    );
    assert_eq!(
        found.fix,
        "the function given to Do must not call m.(*Lazy).Do again, neither itself nor through what it calls"
    );
    // Where another goroutine runs one too, it may be that one.
    let other = format!(
        "goroutine 22 [chan receive]:\nm.TestA.func2()\n\t/m/x.go:{} +0x1\nsync.(*Once).doSlow(0x1, 0x2)\n\t/go/src/sync/once.go:1 +0x1\nsync.(*Once).Do(...)\n\t/go/src/sync/once.go:2\nm.(*Lazy).Do(0x1)\n\t/m/x.go:{at} +0x1\ncreated by m.TestA in goroutine 10\n\t/m/x.go:{} +0x1\n\n",
        line(source, "// inner"),
        line(source, "// go 21"),
    );
    let both = all(&(own + &other), source);
    let told: Vec<String> = both.iter().map(|group| words(&group.cause)).collect();
    assert!(
        !told.iter().any(|words| words.contains("itself, further up")),
        "{told:?}"
    );
}

#[test]
fn a_receiver_that_the_sender_hands_on_only_after_the_send_is_to_be_started_first() {
    let source = "package m\ntype Pump struct{ c chan int; quit chan int }\nfunc run(f func()) {\n\tgo f() // runs\n}\nfunc (p *Pump) start() {\n\tp.c <- 1 // 21\n\trun(func() { // receiver\n\t\tfor {\n\t\t\tselect {\n\t\t\tcase <-p.quit:\n\t\t\t\treturn\n\t\t\tcase <-p.c:\n\t\t\t}\n\t\t}\n\t})\n}\nfunc TestA() {\n\tp := &Pump{c: make(chan int, 1), quit: make(chan int)}\n\tp.c <- 1\n\tgo p.start() // go 21\n}\n";
    let judge = |source: &str| {
        let dump = goroutine(21, "chan send", "", "m.(*Pump).start", source);
        all(&dump, source).remove(0).cause
    };
    let found = judge(source);
    let at = line(source, "// receiver");
    assert_eq!(
        found.fix,
        format!(
            "start the function of line {at} before the send: this goroutine does only after it, or give the channel room for all that is sent before"
        )
    );
    // One of an earlier round may have been started.
    let round = source
        .replace("\tp.c <- 1 // 21", "\tfor range 2 {\n\tp.c <- 1 // 21")
        .replace("\t})\n", "\t})\n\t}\n");
    assert!(
        !judge(&round).fix.contains("before the send"),
        "{:?}",
        judge(&round)
    );
}

const CYCLE: &str = r#"package m
import "context"
type Life struct{ ctx context.Context; cancel func(); quit chan int }
func (l Life) Init() { // init
	SET // set
	go l.work() // go 21
}
func (l *Life) work() {
	<-CHANNEL // 21
}
func (l *Life) Close() { l.cancel(); close(l.quit) }
func TestA() {
	var l Life
	l.Init()
	defer l.Close()
}
"#;

#[test]
fn what_a_method_with_a_value_receiver_sets_is_lost() {
    for (set, channel, field) in [
        (
            "l.ctx, l.cancel = context.WithCancel(context.Background())",
            "l.ctx.Done()",
            "l.cancel",
        ),
        ("l.quit = make(chan int)", "l.quit", "l.quit"),
    ] {
        let source = CYCLE.replace("SET", set).replace("CHANNEL", channel);
        let judge = |source: &str| {
            let dump = goroutine(21, "chan receive", "", "m.(*Life).work", source);
            all(&dump, source).remove(0).cause
        };
        let found = judge(&source);
        let at = |mark: &str| format!("line {}", line(&source, mark));
        assert!(
            found.notes.contains(&format!(
                "Init ({}) gets its receiver `l` by value and sets `{field}` ({}) in a copy, which is lost when it returns",
                at("// init"),
                at("// set")
            )),
            "{found:?}"
        );
        assert_eq!(
            found.fix,
            format!(
                "make the receiver of Init a pointer: `l *Life` ({}): what it sets in `l` is lost when it returns, `{field}` too",
                at("// init")
            )
        );
        // A pointer, or a copy that is given back.
        for kept in [
            source.replace("(l Life)", "(l *Life)"),
            source
                .replace("Init() {", "Init() Life {")
                .replace("// go 21\n", "// go 21\n\treturn l\n")
                .replace("\tl.Init()", "\tl = l.Init()"),
        ] {
            assert!(!words(&judge(&kept)).contains("copy"), "{kept}");
        }
    }
}

#[test]
fn done_of_a_group_that_was_handed_over_by_value_counts_for_a_copy() {
    let source = "package m\nimport \"sync\"\nfunc wait(wg *sync.WaitGroup) {\n\twg.Wait() // 21\n}\nfunc work(wg sync.WaitGroup) {\n\tdefer wg.Done() // done\n}\nfunc TestA() {\n\tvar wg sync.WaitGroup\n\twg.Add(1)\n\tgo work(wg)\n\tgo wait(&wg) // go 21\n}\n";
    let found = group_of(source);
    assert_eq!(
        found.waits_for,
        format!(
            "`wg`, a WaitGroup whose count never reaches zero: `wg.Done()` (line {}) counts for a copy of it",
            line(source, "// done")
        )
    );
    assert_eq!(found.fix, "make `wg` of work a pointer: `wg *sync.WaitGroup`");
    let literal = source
        .replace(
            "func work(wg sync.WaitGroup) {\n\tdefer wg.Done() // done\n}\n",
            "",
        )
        .replace("go work(wg)", "go func(wg sync.WaitGroup) { wg.Done() }(wg)");
    assert_eq!(
        group_of(&literal).fix,
        "make the parameter `wg` a pointer: `wg *sync.WaitGroup`"
    );
    let pointer = source
        .replace("work(wg sync", "work(wg *sync")
        .replace("work(wg)", "work(&wg)");
    assert!(!words(&group_of(&pointer)).contains("copy"));
}

/// The cause of a goroutine that waits for a lock in `m.wait`.
fn lock_of(source: &str) -> Cause {
    let dump = goroutine(21, "sync.Mutex.Lock", LOCK, "m.wait", source);
    of(&all(&dump, source), "m.wait").clone()
}

const GATE: &str = r#"package m
import "sync"
type ticket struct{ lock *sync.Mutex }
func run(f func()) { f() }
func take() ticket {
	r := ticket{lock: &sync.Mutex{}}
	r.lock.Lock() // locks
	go func() {
		run(func() {
			r.lock.Lock()
			r.lock.Unlock()
		})
	}()
	return r
}
func wait(r ticket) {
	r.lock.Lock() // 21
	r.lock.Unlock()
}
func TestA() {
	one := take() // one
	two := take() // two
	go wait(one) // go 21
	two.lock.Unlock() // unlocks
}
"#;

#[test]
fn a_lock_that_a_function_takes_for_its_caller_is_for_the_caller_to_unlock() {
    let found = lock_of(GATE);
    let at = |mark: &str| format!("line {}", line(GATE, mark));
    assert_eq!(
        found.waits_for,
        format!(
            "`r.lock`, a mutex that take locked at x.go:{} for its caller to unlock",
            line(GATE, "// locks")
        )
    );
    assert_eq!(
        found.fix,
        format!(
            "unlock it after the call of take at {} too, as `two.lock.Unlock()` ({}) does for another one",
            at("// one"),
            at("// unlocks")
        )
    );
}

const LOCKER: &str = r#"package m
import "sync"
type Store struct{ mu sync.Mutex; n int }
func (s *Store) wait() {
	s.mu.Lock() // 21
	s.mu.Unlock()
}
BEGIN
func TestA() {
	s := &Store{}
	s.begin()
	go s.wait() // go 21
}
"#;

#[test]
fn who_unlocks_what_a_function_keeps_locked_hangs_on_what_it_returns() {
    let judge = |begin: &str| {
        let source = LOCKER.replace("BEGIN", begin);
        let dump = goroutine(21, "sync.Mutex.Lock", LOCK, "m.(*Store).wait", &source);
        (all(&dump, &source).remove(0).cause, source)
    };
    for begin in [
        "func (s *Store) begin() func() {\n\ts.mu.Lock()\n\treturn s.mu.Unlock // back\n}",
        "func (s *Store) begin() func() {\n\ts.mu.Lock()\n\ts.n++\n\treturn func() { s.mu.Unlock() } // back\n}",
    ] {
        let (found, source) = judge(begin);
        assert_eq!(
            found.fix,
            format!(
                "call the function that begin returns (line {}), on every path: it unlocks",
                line(&source, "// back")
            )
        );
    }
    let both = "func (s *Store) begin() { s.mu.Lock(); s.n++ }\nfunc (s *Store) commit() { s.mu.Unlock() }\nfunc (s *Store) rollback() { s.mu.Unlock() }";
    assert_eq!(
        judge(both).0.fix,
        "call commit or rollback, which unlock it, on every path after begin"
    );
    let none = judge("func (s *Store) begin() { s.mu.Lock() }").0;
    assert!(!none.fix.contains("defer"), "{none:?}");
    let works = judge("func (s *Store) begin() { s.mu.Lock(); s.n++ }").0;
    assert_eq!(
        works.fix,
        "unlock it in begin on every path: `defer s.mu.Unlock()`"
    );
}

#[test]
fn a_lock_that_is_asked_for_again_and_again_names_what_gives_it_back() {
    for (kind, asks, gives, on) in [
        (
            "atomic.Int32",
            "l.state.CompareAndSwap(0, 1)",
            "l.state.Store(0)",
            "`l.state` to be 0",
        ),
        (
            "int32",
            "atomic.CompareAndSwapInt32(&l.state, 0, 1)",
            "atomic.StoreInt32(&l.state, 0)",
            "`l.state` to be 0",
        ),
        (
            "atomic.Bool",
            "l.state.CompareAndSwap(false, true)",
            "l.state.CompareAndSwap(true, false)",
            "`l.state` to be false",
        ),
        (
            "sync.Mutex",
            "l.state.TryLock()",
            "l.state.Unlock()",
            "`l.state` to be unlocked",
        ),
    ] {
        let source = format!(
            "package m\nimport (\n\t\"sync\"\n\t\"sync/atomic\"\n\t\"runtime\"\n)\ntype Spin struct{{ state {kind} }}\nfunc (l *Spin) Lock() {{\n\tfor !{asks} {{\n\t\truntime.Gosched() // 21\n\t}}\n}}\nfunc (l *Spin) Unlock() {{\n\t{gives} // gives\n}}\nfunc TestA() {{\n\tl := &Spin{{}}\n\tl.Lock()\n\tgo l.Lock() // go 21\n}}\n"
        );
        let dump = goroutine(21, "runnable", "", "m.(*Spin).Lock", &source);
        let found = all(&dump, &source).remove(0).cause;
        assert_eq!(found.code, CauseCode::BusyLoop);
        assert!(found.waits_for.starts_with(on), "{found:?}");
        assert!(
            found.fix.starts_with(&format!(
                "run `{gives}` (line {}) on every path",
                line(&source, "// gives")
            )),
            "{found:?}"
        );
    }
    // An update that is tried again gets through sooner or later.
    let source = "package m\nimport \"sync/atomic\"\ntype N struct{ n atomic.Int32 }\nfunc (c *N) add() {\n\told := c.n.Load()\n\tfor !c.n.CompareAndSwap(old, old+1) {\n\t\told = c.n.Load() // 21\n\t}\n}\nfunc TestA() {\n\tc := &N{}\n\tgo c.add() // go 21\n}\n";
    let dump = goroutine(21, "runnable", "", "m.(*N).add", source);
    let found = all(&dump, source).remove(0).cause;
    assert!(!words(&found).contains("sync.Mutex"), "{found:?}");
}

#[test]
fn a_lock_that_is_needed_only_until_the_other_is_taken_is_to_be_released_first() {
    let source = "package m\nimport \"sync\"\ntype Table struct{ mu sync.Mutex; row map[string]*sync.Mutex }\nfunc (t *Table) open(k string) {\n\tt.mu.Lock()\n\tt.row[k].Lock() // 21\n\tt.mu.Unlock() // unlocks\n}\nfunc (t *Table) done(k string) {\n\tt.mu.Lock() // 22\n\tt.row[k].Unlock()\n\tt.mu.Unlock()\n}\nfunc use(t *Table) {\n\tt.open(\"a\")\n\tt.done(\"a\") // use\n}\nfunc TestA() {\n\tt := &Table{}\n\tgo use(t) // go 21\n\tgo use(t) // go 22\n}\n";
    let waits = goroutine(21, "sync.Mutex.Lock", LOCK, "m.(*Table).open", source).replace(
        "created by",
        &format!(
            "m.use()\n\t/m/x.go:{} +0x1\ncreated by",
            line(source, "t.open(\"a\")")
        ),
    );
    let holds = goroutine(22, "sync.Mutex.Lock", LOCK, "m.(*Table).done", source).replace(
        "created by",
        &format!("m.use()\n\t/m/x.go:{} +0x1\ncreated by", line(source, "// use")),
    );
    for group in all(&(waits + &holds), source) {
        let told = words(&group.cause);
        assert!(told.contains("lock cycle"), "{told}");
        assert_eq!(
            group.cause.fix,
            format!(
                "do not hold `t.mu` while it waits for `t.row[k]`: run `t.mu.Unlock()` (line {}) before `t.row[k].Lock()` (line {}), not right after it (look `t.row[k]` up first)",
                line(source, "// unlocks"),
                line(source, "// 21")
            )
        );
    }
}

const SERVER: &str = r#"package m
import "sync"
type Server struct{ mu sync.Mutex; cv *sync.Cond; conns map[int]bool; in chan int }
func NewServer() *Server {
	s := &Server{conns: map[int]bool{}, in: make(chan int)}
	s.cv = sync.NewCond(&s.mu)
	return s
}
func (s *Server) add(k int) {
	s.mu.Lock()
	s.conns[k] = true // adds
	s.mu.Unlock()
	go s.handle(k) // go 22
}
func (s *Server) handle(k int) {
	defer func() {
		s.mu.Lock()
		delete(s.conns, k) // removes
		WAKES
		s.mu.Unlock()
	}()
	<-s.in // 22
}
func wait(s *Server) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.conns) > 0 { // condition
		s.cv.Wait() // 21
	}
}
func TestA() {
	s := NewServer()
	s.add(1)
	go wait(s) // go 21
}
"#;

fn conds(source: &str, others: &str) -> Vec<Group> {
    let above = "sync.runtime_notifyListWait(0x1, 0x2)\n\t/go/src/runtime/sema.go:1 +0x1\nsync.(*Cond).Wait(0xc000010000)\n\t/go/src/sync/cond.go:71 +0x1\n";
    let dump = goroutine(21, "sync.Cond.Wait", above, "m.wait", source);
    all(&(dump + others), source)
}

#[test]
fn a_wait_on_a_cond_waits_for_who_has_yet_to_wake_it() {
    let source = SERVER.replace("WAKES", "s.cv.Broadcast() // wakes");
    let handler = goroutine(22, "chan receive", "", "m.(*Server).handle", &source);
    let found = conds(&source, &handler);
    let wait = of(&found, "m.wait");
    let at = line(&source, "// 22");
    assert_eq!(
        wait.waits_for,
        format!(
            "a Signal or Broadcast on `s.cv`, to which m.(*Server).handle does not come: that waits for a value from `s.in`, but nothing sends to it or closes it (x.go:{at})"
        )
    );
    assert!(
        wait.fix.starts_with("end the wait of m.(*Server).handle first: "),
        "{wait:?}"
    );
    assert_eq!(wait.waits_for_goroutines[0].reason, WaitsBecause::Wakes);
    // Without it, what changes the condition is named, and not what can only keep it.
    let alone = conds(&source, "").remove(0).cause;
    assert_eq!(
        alone.fix,
        format!(
            "make `len(s.conns) > 0` (line {}) false: handle changes it and wakes those that wait (line {})",
            line(&source, "// condition"),
            line(&source, "// wakes")
        )
    );
}

#[test]
fn a_removal_without_a_broadcast_is_named_and_is_no_matter_of_others() {
    let source = SERVER.replace("WAKES", "println()");
    let handler = goroutine(22, "chan receive", "", "m.(*Server).handle", &source);
    let found = conds(&source, &handler);
    let wait = of(&found, "m.wait");
    assert_eq!(
        wait.fix,
        format!(
            "call `s.cv.Broadcast()` in handle after it changes `s.conns` (line {}), under the lock",
            line(&source, "// removes")
        )
    );
    assert!(wait.waits_for_goroutines.is_empty(), "{wait:?}");
}

#[test]
fn a_wait_that_is_the_whole_goroutine_names_the_way_past_done_too() {
    let source = "package m\nimport \"sync\"\nfunc TestA() {\n\tvar wg sync.WaitGroup\n\twg.Add(1)\n\tgo func() {\n\t\tif recover() != nil {\n\t\t\treturn // early\n\t\t}\n\t\twg.Done()\n\t}()\n\tgo wg.Wait() // go 21\n}\n";
    let dump = format!(
        "goroutine 21 [sync.WaitGroup.Wait]:\n{GROUP}created by m.TestA in goroutine 10\n\t/m/x.go:{} +0x2\n\n",
        line(source, "// go 21")
    );
    let found = all(&dump, source).remove(0).cause;
    assert!(
        found.waits_for.ends_with(&format!(
            "the `return` (line {}) leaves without Done",
            line(source, "// early")
        )),
        "{found:?}"
    );
}

#[test]
fn of_two_functions_that_make_a_context_the_one_that_starts_the_goroutine_counts() {
    let source = CYCLE
        .replace(
            "SET",
            "l.ctx, l.cancel = context.WithCancel(context.Background())",
        )
        .replace("CHANNEL", "l.ctx.Done()");
    let source = format!(
        "{source}func (l *Life) Again() {{\n\tl.ctx, l.cancel = context.WithCancel(context.Background())\n\tgo l.work()\n}}\n"
    );
    let dump = goroutine(21, "chan receive", "", "m.(*Life).work", &source)
        .replace("created by m.TestA", "created by m.Life.Init");
    let found = all(&dump, &source).remove(0).cause;
    assert!(
        found.fix.starts_with("make the receiver of Init a pointer"),
        "{found:?}"
    );
    assert!(!words(&found).contains("Again"), "{found:?}");
}

#[test]
fn a_field_that_is_handed_on_before_it_is_made_is_nil_by_order() {
    let source = "package m\ntype Feed struct{ news chan int }\nfunc read(c chan int) {\n\tfor range c { // 21\n\t}\n}\nfunc (f *Feed) early() {\n\tgo read(f.news) // go 21\n\tf.news = make(chan int) // makes\n}\nfunc (f *Feed) late() {\n\tf.news = make(chan int)\n\tgo read(f.news)\n}\nfunc TestA() {\n\tvar f Feed\n\tf.early()\n}\n";
    let dump = goroutine(21, "chan receive (nil chan)", "", "m.read", source);
    let found = all(&dump, source).remove(0).cause;
    assert_eq!(
        found.fix,
        format!(
            "set `f.news` (line {}) before it is handed on (line {}): it is nil until then",
            line(source, "// makes"),
            line(source, "// go 21")
        )
    );
}

#[test]
fn a_group_of_which_nothing_calls_done_says_so() {
    let source = "package m\nimport \"sync\"\ntype Stopper struct{ drain, stop sync.WaitGroup }\nfunc (s *Stopper) begin() {\n\ts.drain.Add(1) // add\n}\nfunc (s *Stopper) end() { s.stop.Done() }\nfunc wait(s *Stopper) {\n\ts.drain.Wait() // 21\n}\nfunc TestA() {\n\tvar s Stopper\n\ts.begin()\n\tgo wait(&s) // go 21\n}\n";
    let found = group_of(source);
    assert!(
        found
            .waits_for
            .ends_with("nothing in its package calls Done of it"),
        "{found:?}"
    );
    assert_eq!(
        found.fix,
        format!(
            "call `s.drain.Done()` once for each `s.drain.Add(1)` (line {})",
            line(source, "// add")
        )
    );
    // Another one may be the same.
    for done in [
        "s.drain.Done()",
        "each(s)[0].Done()",
        "defer s.drain.Done()",
        "call(s.drain.Done)",
    ] {
        let source = source.replace("s.stop.Done()", done);
        assert!(!words(&group_of(&source)).contains("nothing in"), "{done}");
    }
}

#[test]
fn an_unlock_that_a_literal_lacks_is_for_the_literal() {
    let source = LOCKER.replace(
        "BEGIN",
        "func (s *Store) begin() {\n\ts.mu.Lock()\n\tdefer s.mu.Unlock()\n\tafter(func() { // literal\n\t\ts.mu.Lock()\n\t\tif s.n > 0 {\n\t\t\treturn\n\t\t}\n\t\ts.mu.Unlock() // behind\n\t})\n}\nfunc after(f func()) { go f() }",
    );
    let dump = goroutine(21, "sync.Mutex.Lock", LOCK, "m.(*Store).wait", &source);
    let found = all(&dump, &source).remove(0).cause;
    assert_eq!(
        found.fix,
        format!(
            "unlock it in the function of x.go:{} on every path: `defer s.mu.Unlock()` in place of the Unlock at line {}",
            line(&source, "// literal"),
            line(&source, "// behind"),
        )
    );
    // Locked once more where it is to be unlocked.
    let twice = LOCKER.replace(
        "BEGIN",
        "func (s *Store) begin() {\n\ts.mu.Lock()\n\tif s.n > 0 {\n\t\ts.mu.Lock() // again\n\t\treturn\n\t}\n\ts.n++\n}",
    );
    let dump = goroutine(21, "sync.Mutex.Lock", LOCK, "m.(*Store).wait", &twice);
    let found = all(&dump, &twice).remove(0).cause;
    assert_eq!(
        found.fix,
        format!(
            "unlock it in begin on every path: `defer s.mu.Unlock()`, and take `s.mu.Lock()` (line {}) out, which locks it a second time",
            line(&twice, "// again")
        )
    );
}

#[test]
fn two_orders_of_two_locks_are_told_with_the_calls_under_them() {
    let source = "package m\nimport \"sync\"\ntype alpha struct {\n\tmu sync.Mutex\n\tb  *beta\n}\ntype beta struct {\n\tmu sync.Mutex\n\ta  *alpha\n}\nfunc (a *alpha) start() {\n\ta.mu.Lock() // a first\n\tdefer a.mu.Unlock()\n\ta.b.load() // a calls\n}\nfunc (b *beta) load() {\n\tb.mu.Lock() // b second\n\tdefer b.mu.Unlock()\n}\nfunc (b *beta) event() {\n\tb.mu.Lock() // b first\n\tdefer b.mu.Unlock()\n\tb.a.note() // b calls\n}\nfunc (a *alpha) note() {\n\ta.mu.Lock() // a second\n\tdefer a.mu.Unlock()\n}\nfunc TestA() {\n\ta, b := &alpha{}, &beta{}\n\ta.b, b.a = b, a\n\tgo a.start() // go 21\n\tgo b.event() // go 22\n}\n";
    let at = |mark: &str| line(source, mark);
    let one = |id: u32, inner: (&str, &str), outer: (&str, &str)| {
        format!(
            "goroutine {id} [sync.Mutex.Lock]:\n{LOCK}m.{}(0x1)\n\t/m/x.go:{} +0x1\nm.{}(0x1)\n\t/m/x.go:{} +0x1\ncreated by m.TestA in goroutine 10\n\t/m/x.go:{} +0x2\n\n",
            inner.0,
            at(inner.1),
            outer.0,
            at(outer.1),
            at(&format!("// go {id}"))
        )
    };
    let dump = one(
        21,
        ("(*beta).load", "// b second"),
        ("(*alpha).start", "// a calls"),
    ) + &one(
        22,
        ("(*alpha).note", "// a second"),
        ("(*beta).event", "// b calls"),
    );
    let found = all(&dump, source).remove(0).cause;
    let takes = [
        format!(
            "m.(*alpha).start takes `a.mu` (x.go:{}) before `b.mu` (x.go:{})",
            at("// a first"),
            at("// b second")
        ),
        format!(
            "m.(*beta).event takes `b.mu` (x.go:{}) before `a.mu` (x.go:{})",
            at("// b first"),
            at("// a second")
        ),
    ];
    let calls = [
        format!("call `a.b.load` (x.go:{}) without `a.mu`", at("// a calls")),
        format!("call `b.a.note` (x.go:{}) without `b.mu`", at("// b calls")),
    ];
    assert!(
        found
            .fix
            .starts_with("take the locks in the same order everywhere: "),
        "{found:?}"
    );
    for part in takes.iter().chain(&calls) {
        assert!(found.fix.contains(part.as_str()), "{part}: {found:?}");
    }
}

#[test]
fn of_two_calls_that_make_a_channel_the_one_that_has_started_the_other_end_counts() {
    let source = "package m\nimport \"sync\"\nfunc TestA() {\n\tonce(nil)\n\tgo once(nil) // go 21\n}\nfunc once(c *sync.Cond) {\n\tdone := make(chan int)\n\tgo func() { // go 22\n\t\tc.Wait() // 22\n\t\tclose(done)\n\t}()\n\t<-done // 21\n}\n";
    let above = "sync.(*Cond).Wait(0xc000010000)\n\t/go/src/sync/cond.go:71 +0x1\n";
    let child = |of: &str| {
        goroutine(22, "sync.Cond.Wait", above, "m.once.func1", source).replace(
            "created by m.TestA in goroutine 10",
            &format!("created by m.once in goroutine {of}"),
        )
    };
    let judge = |of: &str| {
        let dump = goroutine(21, "chan receive", "", "m.once", source) + &child(of);
        let found = all(&dump, source);
        let wait = found
            .iter()
            .find(|group| group.cause.code == CauseCode::ReceiveNoSender);
        wait.expect("it").cause.waits_for.clone()
    };
    assert!(
        judge("21").starts_with("a value from `done`, to which a goroutine of m.once does not come"),
        "{}",
        judge("21")
    );
    assert!(!judge("30").contains("does not come"), "{}", judge("30"));
}

#[test]
fn a_receiver_behind_an_interface_is_found_where_its_value_is_known() {
    let source = r#"package m
import "sync"
type balancer interface{ notify() <-chan bool }
type robin struct {
	mu sync.Mutex
	addrs chan bool
}
func (r *robin) notify() <-chan bool { return r.addrs }
func (r *robin) update() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.addrs <- true // 21
}
func (r *robin) down() {
	r.mu.Lock() // 22
	defer r.mu.Unlock()
}
type conn struct {
	b balancer
	down func()
}
func (c *conn) watch() {
	for range c.b.notify() {
		c.down() // calls
	}
}
var pick func(*robin) balancer
func TestA() {
	r := &robin{addrs: make(chan bool)}
	c := &conn{b: r, down: r.down}
	go r.update() // go 21
	go c.watch() // go 22
}
"#;
    let update = |source: &str| {
        let down = goroutine(22, "sync.Mutex.Lock", LOCK, "m.(*robin).down", source).replace(
            "created by",
            &format!(
                "m.(*conn).watch()\n\t/m/x.go:{} +0x1\ncreated by",
                line(source, "// calls")
            ),
        );
        let dump = goroutine(21, "chan send", "", "m.(*robin).update", source) + &down;
        of(&all(&dump, source), "m.(*robin).update").clone()
    };
    let known = update(source);
    assert!(
        known.waits_for.contains("m.(*conn).watch does not come"),
        "{known:?}"
    );
    assert!(words(&known).contains("cycle of waits"), "{known:?}");
    let unknown = update(&source.replace("b: r,", "b: pick(r),"));
    assert!(
        unknown.waits_for.starts_with(
            "a receiver on `r.addrs`, an unbuffered channel that nothing is seen to receive from any more; it holds `r.mu`"
        ),
        "{unknown:?}"
    );
}

/// The frames of a goroutine that waits for a lock in `func`, and is in `outer` further out.
fn locked_in(id: u32, func: &str, source: &str, outer: &str) -> String {
    let lock = "sync.(*Mutex).Lock(...)\n\t/go/src/sync/mutex.go:1\n";
    goroutine(id, "sync.Mutex.Lock", lock, func, source).replace("created by", &format!("{outer}created by"))
}

#[test]
fn a_circle_is_told_up_to_the_goroutine_that_it_began_with() {
    let source = "package m\nimport \"sync\"\ntype T struct {\n\ta, b sync.Mutex\n\tc chan int\n}\nfunc (t *T) first() {\n\tt.a.Lock() // takes a\n\tdefer t.a.Unlock()\n\tt.b.Lock() // 21\n}\nfunc (t *T) second() {\n\tt.b.Lock() // takes b\n\tdefer t.b.Unlock()\n\tt.c <- 1 // 22\n}\nfunc (t *T) third() {\n\tt.a.Lock() // 23\n\tt.a.Unlock()\n\t<-t.c\n}\nfunc TestA() {\n\tt := &T{c: make(chan int)}\n\tgo t.first() // go 21\n\tgo t.second() // go 22\n\tgo t.third() // go 23\n}\n";
    let dump = locked_in(21, "m.(*T).first", source, "")
        + &goroutine(22, "chan send", "", "m.(*T).second", source)
        + &locked_in(23, "m.(*T).third", source, "");
    let found = all(&dump, source);
    let at = |mark: &str| format!("x.go:{}", line(source, mark));
    assert_eq!(
        of(&found, "m.(*T).first").waits_for,
        format!(
            "`t.b`, a mutex that m.(*T).second locked at {} and holds while it waits for a receive from `t.c` ({}), to which m.(*T).third does not come while it waits for `t.a` ({}), which this one holds ({})",
            at("// takes b"),
            at("// 22"),
            at("// 23"),
            at("// takes a")
        )
    );
    assert_eq!(
        of(&found, "m.(*T).second").waits_for,
        format!(
            "a receive from `t.c`, to which m.(*T).third does not come: that waits for `t.a` ({}), which m.(*T).first holds ({}) while it waits for `t.b` ({}), which this one holds ({})",
            at("// 23"),
            at("// takes a"),
            at("// 21"),
            at("// takes b")
        )
    );
}

#[test]
fn a_lock_is_to_be_taken_before_the_once_whose_function_wants_it() {
    let source = "package m\nimport \"sync\"\ntype P struct {\n\tmu sync.Mutex\n\tonce sync.Once\n}\nfunc (p *P) plain() {\n\tp.once.Do(func() { // do\n\t\tp.mu.Lock() // 22\n\t\tp.mu.Unlock()\n\t})\n}\nfunc (p *P) content() {\n\tp.mu.Lock() // takes\n\tdefer p.mu.Unlock()\n\tp.plain() // plain\n}\nfunc TestA() {\n\tp := &P{}\n\tgo p.content() // go 21\n\tgo p.plain() // go 22\n}\n";
    let at = |mark: &str| line(source, mark);
    let runs = format!(
        "sync.(*Once).doSlow(0x1, 0x2)\n\t/go/src/sync/once.go:1 +0x1\nsync.(*Once).Do(...)\n\t/go/src/sync/once.go:2\nm.(*P).plain(0x1)\n\t/m/x.go:{} +0x1\n",
        at("// do")
    );
    let waits = format!(
        "goroutine 21 [sync.Mutex.Lock]:\n{LOCK}{runs}m.(*P).content(0x1)\n\t/m/x.go:{} +0x1\ncreated by m.TestA in goroutine 10\n\t/m/x.go:{} +0x1\n\n",
        at("// plain"),
        at("// go 21")
    );
    let found = all(
        &(waits + &locked_in(22, "m.(*P).plain.func1", source, &runs)),
        source,
    );
    let content = of(&found, "m.(*P).content");
    assert_eq!(
        content.waits_for,
        format!(
            "the Once `p.once`, whose function m.(*P).plain runs: that waits for `p.mu` (x.go:{}), which this one holds (x.go:{})",
            at("// 22"),
            at("// takes")
        )
    );
    assert_eq!(
        content.fix,
        format!(
            "lock `p.mu` before the Once `p.once`, not in its function (x.go:{}), and only where it is not locked already, as in m.(*P).content (x.go:{})",
            at("// 22"),
            at("// takes")
        )
    );
}

#[test]
fn two_selects_that_send_to_each_other_name_the_receivers() {
    let source = "package m\ntype T struct {\n\tevents, calls chan int\n\tstop chan int\n}\nfunc (t *T) loop() {\n\tfor {\n\t\tselect {\n\t\tcase <-t.events:\n\t\t\tt.call() // calls\n\t\tcase <-t.stop:\n\t\t\treturn\n\t\t}\n\t}\n}\nfunc (t *T) call() {\n\tselect { // 21\n\tcase t.calls <- 1:\n\tcase <-t.stop:\n\t}\n}\nfunc (t *T) run() {\n\tfor {\n\t\tselect {\n\t\tcase <-t.calls:\n\t\tdefault:\n\t\t\tt.send() // sends\n\t\t}\n\t}\n}\nfunc (t *T) send() {\n\tselect { // 22\n\tcase t.events <- 1:\n\tcase <-t.stop:\n\t}\n}\nfunc TestA() {\n\tt := &T{events: make(chan int), calls: make(chan int), stop: make(chan int)}\n\tgo t.loop() // go 21\n\tgo t.run() // go 22\n}\n";
    let at = |mark: &str| line(source, mark);
    let inside = |id: u32, func: &str, outer: &str, mark: &str| {
        let dump = goroutine(id, "select", "", func, source);
        dump.replace(
            "created by",
            &format!("{outer}(0x1)\n\t/m/x.go:{} +0x1\ncreated by", at(mark)),
        )
    };
    let dump = inside(21, "m.(*T).call", "m.(*T).loop", "// calls")
        + &inside(22, "m.(*T).send", "m.(*T).run", "// sends");
    let found = all(&dump, source);
    let call = of(&found, "m.(*T).loop");
    assert_eq!(
        call.waits_for,
        format!(
            "any of `t.calls <-`, `<-t.stop`: none becomes ready any more: m.(*T).run, which receives from `t.calls`, waits for a receive from `t.events` (x.go:{}), to which this one comes only after its own wait",
            at("// 22")
        )
    );
    assert_eq!(
        call.fix,
        format!(
            "send to `t.calls` (x.go:{}) from a goroutine of its own, or queue what is sent: m.(*T).loop has to receive from `t.events` meanwhile",
            at("// 21")
        )
    );
}

#[test]
fn a_lock_that_protects_the_channel_is_not_to_be_unlocked_before_the_send() {
    let source = "package m\nimport \"sync\"\ntype F struct {\n\tmu sync.Mutex\n\treset chan int\n\tclosed chan int\n}\nfunc (f *F) monitor() {\n\t<-f.closed\n\tf.mu.Lock() // 22\n\tclose(f.reset)\n\tf.reset = nil\n\tf.mu.Unlock()\n}\nfunc (f *F) write() {\n\tf.mu.Lock() // takes\n\tdefer f.mu.Unlock()\n\tf.reset <- 1 // 21\n}\nfunc TestA() {\n\tf := &F{reset: make(chan int), closed: make(chan int)}\n\tgo f.write() // go 21\n\tgo f.monitor() // go 22\n}\n";
    let write = |source: &str| {
        let dump = goroutine(21, "chan send", "", "m.(*F).write", source)
            + &locked_in(22, "m.(*F).monitor", source, "");
        of(&all(&dump, source), "m.(*F).write").clone()
    };
    let held = |source: &str| {
        format!(
            "; it holds `f.mu` (x.go:{}) meanwhile, for which m.(*F).monitor waits (x.go:{})",
            line(source, "// takes"),
            line(source, "// 22")
        )
    };
    let found = write(source);
    assert!(found.waits_for.ends_with(&held(source)), "{found:?}");
    assert!(!found.fix.contains("nlock"), "{found:?}");
    let other = source.replace("\tclose(f.reset)\n\tf.reset = nil\n", "");
    let found = write(&other);
    assert!(found.waits_for.ends_with(&held(&other)), "{found:?}");
    assert!(
        found.fix.ends_with("; and unlock `f.mu` before it waits"),
        "{found:?}"
    );
}

#[test]
fn a_lock_that_the_waker_of_a_cond_needs_is_to_be_unlocked_before_the_wait() {
    let source = "package m\nimport \"sync\"\ntype Q struct {\n\touter, mu sync.Mutex\n\tc *sync.Cond\n\tn int\n}\nfunc (q *Q) get() {\n\tq.outer.Lock() // takes\n\tdefer q.outer.Unlock()\n\tq.mu.Lock()\n\tfor q.n == 0 {\n\t\tq.c.Wait() // 21\n\t}\n\tq.mu.Unlock()\n}\nfunc (q *Q) put() {\n\tq.outer.Lock() // 22\n\tq.mu.Lock()\n\tq.n++\n\tq.c.Signal()\n\tq.mu.Unlock()\n\tq.outer.Unlock()\n}\nfunc TestA() {\n\tq := &Q{}\n\tq.c = sync.NewCond(&q.mu)\n\tgo q.get() // go 21\n\tgo q.put() // go 22\n}\n";
    let cond = "sync.(*Cond).Wait(...)\n\t/go/src/sync/cond.go:71 +0x1\n";
    let dump = goroutine(21, "sync.Cond.Wait", cond, "m.(*Q).get", source)
        + &locked_in(22, "m.(*Q).put", source, "");
    let found = of(&all(&dump, source), "m.(*Q).get").clone();
    assert!(
        found.fix.starts_with("unlock `q.outer` ") && !found.fix.contains("Call Broadcast"),
        "{found:?}"
    );
    assert!(found.waits_for.contains("q.outer"), "{found:?}");
}

#[test]
fn what_a_group_waits_for_is_at_a_line_of_its_own_code() {
    let source = "package m\nimport (\"net\"; \"sync\")\nfunc serve(l net.Listener, wg *sync.WaitGroup) {\n\tdefer wg.Done()\n\tl.Accept() // 22\n}\nfunc stop(wg *sync.WaitGroup) {\n\twg.Wait() // 21\n}\nfunc TestA() {\n\tvar wg sync.WaitGroup\n\twg.Add(1)\n\tl, _ := net.Listen(\"tcp\", \"\")\n\tgo serve(l, &wg) // go 22\n\tgo stop(&wg) // go 21\n}\n";
    const ACCEPT: &str = "internal/poll.runtime_pollWait()\n\t/go/src/runtime/netpoll.go:1 +0x1\nnet.(*netFD).accept()\n\t/go/src/net/fd_unix.go:2 +0x1\nnet.(*TCPListener).Accept()\n\t/go/src/net/tcpsock.go:3 +0x1\n";
    let dump = goroutine(21, "sync.WaitGroup.Wait", GROUP, "m.stop", source)
        + &goroutine(22, "IO wait", ACCEPT, "m.serve", source);
    let found = all(&dump, source);
    let stop = of(&found, "m.stop");
    assert!(
        stop.waits_for
            .ends_with("that waits for the next connection on a listener that is still open (x.go:5)"),
        "{stop:?}"
    );
}

#[test]
fn a_panic_that_is_caught_before_a_done_that_is_not_deferred_is_named() {
    const PUBLISH: &str = "\tgo func() {\n\t\tdefer func() {\n\t\t\tif v := recover(); v != nil { // catches\n\t\t\t\tprintln(v)\n\t\t\t}\n\t\t}()\n\t\tf(1)\n\t\twg.Done() // done\n\t}()";
    let source = collect(PUBLISH);
    let found = group_of(&source);
    let at = |mark: &str| format!("line {}", line(&source, mark));
    let way = format!("a panic that `recover` ({}) catches", at("// catches"));
    assert!(
        found
            .waits_for
            .ends_with(&format!("never reaches zero: {way} leaves without Done")),
        "{found:?}"
    );
    assert_eq!(
        found.fix,
        format!(
            "`defer wg.Done()` first in the goroutine, in place of the one at {}, which comes too late for {way}",
            at("// done")
        )
    );
    // One that is deferred, or in the deferred function itself, runs with a panic too.
    for other in [
        PUBLISH.replace("\t\tf(1)\n", "").replace(
            "\t\twg.Done() // done\n",
            "\t\tdefer wg.Done() // done\n\t\tf(1)\n",
        ),
        PUBLISH
            .replace("println(v)", "println(v)\n\t\t\t\twg.Done()")
            .to_owned(),
    ] {
        let found = group_of(&collect(&other));
        assert!(!words(&found).contains("catches"), "{found:?}");
    }
}

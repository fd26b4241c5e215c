//! Causes where one wait hangs on another one, and fixes that hold when they are followed word by word.

use super::kind::{all, goroutine, line, of};
use crate::evidence::TestSeq;
use crate::leak::judge_tests::{evidence, judged, sightings};
use crate::leak::*;

const LOCK: &str = "internal/sync.runtime_SemacquireMutex(0x1)\n\t/go/src/runtime/sema.go:1 +0x1\ninternal/sync.(*Mutex).lockSlow(0x1)\n\t/go/src/internal/sync/mutex.go:1 +0x1\nsync.(*Mutex).Lock(...)\n\t/go/src/sync/mutex.go:1\n";

/// Puts frames further out into a block.
fn within(block: &str, frames: &[(&str, usize)]) -> String {
    let outer = frames
        .iter()
        .map(|(func, line)| format!("{func}(0x1)\n\t/m/x.go:{line} +0x1\n"));
    block.replace("created by", &format!("{}created by", outer.collect::<String>()))
}

/// The cause of a goroutine of the test itself that sends in `func`.
fn sent_by_test(func: &str, source: &str) -> Cause {
    let block = goroutine(21, "chan send", "", func, source);
    let frames = [("m.TestA", line(source, "// go 21")), ("testing.tRunner", 1)];
    all(&within(&block, &frames), source).remove(0).cause
}

#[test]
fn a_test_that_sends_before_it_starts_the_receiver_is_to_start_that_first() {
    let source = "package m\ntype pump struct{ c, quit chan int }\nfunc run(f func()) {\n\tgo f()\n}\nfunc (p *pump) open() {\n\tp.c <- 1 // 21\n\trun(func() { // receiver\n\t\tfor {\n\t\t\tselect {\n\t\t\tcase <-p.quit:\n\t\t\t\treturn\n\t\t\tcase <-p.c:\n\t\t\t}\n\t\t}\n\t})\n}\nfunc TestA() {\n\tp := &pump{c: make(chan int, 1), quit: make(chan int)}\n\tp.c <- 1\n\tp.open() // go 21\n}\n";
    let found = sent_by_test("m.(*pump).open", source);
    let at = line(source, "// receiver");
    assert!(
        found
            .fix
            .starts_with(&format!("start the function of line {at} before the send")),
        "{found:?}"
    );
    assert!(!found.fix.contains("goroutine of its own"), "{found:?}");
}

/// Two goroutines that each hold what the other one wants: `crew` calls `desk` under its lock, and that `crew`.
fn crossed(unlock: &str) -> (String, Vec<Group>) {
    let source = format!(
        "package m\nimport \"sync\"\ntype crew struct {{\n\tsync.Mutex\n\td *desk\n}}\ntype desk struct {{\n\tsync.Mutex\n\tc *crew\n}}\nfunc (c *crew) note() {{\n\tc.Lock() // crew second\n\tdefer c.Unlock()\n}}\nfunc (c *crew) start() {{\n\tc.Lock() // crew first\n{unlock}\tc.d.load() // crew calls\n}}\nfunc (d *desk) load() {{\n\td.Lock() // desk second\n\tdefer d.Unlock()\n\td.c.Unlock()\n}}\nfunc (d *desk) note() {{\n\td.Lock() // desk first\n\tdefer d.Unlock()\n\td.c.note() // desk calls\n}}\nfunc TestA() {{\n\tc, d := &crew{{}}, &desk{{}}\n\tc.d, d.c = d, c\n\tgo c.start() // go 21\n\tgo d.note() // go 22\n}}\n"
    );
    let one = |id: u32, inner: (&str, &str), outer: (&str, &str)| {
        let at = |mark: &str| line(&source, mark);
        format!(
            "goroutine {id} [sync.Mutex.Lock]:\n{LOCK}{}(0x1)\n\t/m/x.go:{} +0x1\n{}(0x1)\n\t/m/x.go:{} +0x1\ncreated by m.TestA in goroutine 10\n\t/m/x.go:{} +0x2\n\n",
            inner.0,
            at(inner.1),
            outer.0,
            at(outer.1),
            at(&format!("// go {id}"))
        )
    };
    let dump = one(
        21,
        ("m.(*desk).load", "// desk second"),
        ("m.(*crew).start", "// crew calls"),
    ) + &one(
        22,
        ("m.(*crew).note", "// crew second"),
        ("m.(*desk).note", "// desk calls"),
    );
    let found = all(&dump, &source);
    (source, found)
}

#[test]
fn of_two_methods_of_one_name_the_one_that_took_the_lock_is_named() {
    let (source, found) = crossed("\tdefer c.Unlock()\n");
    let fix = &found[0].cause.fix;
    let order = format!(
        "m.(*desk).note takes `d` (x.go:{})",
        line(&source, "// desk first")
    );
    assert!(fix.contains(&order), "{fix}");
}

#[test]
fn a_call_that_gives_the_lock_back_itself_is_not_to_be_made_without_it() {
    let (source, found) = crossed("");
    let fix = &found[0].cause.fix;
    let without = |call: &str, mark: &str| format!("call `{call}` (x.go:{}) without", line(&source, mark));
    assert!(!fix.contains(&without("c.d.load", "// crew calls")), "{fix}");
    assert!(fix.contains(&without("d.c.note", "// desk calls")), "{fix}");
    let (source, found) = crossed("\tdefer c.Unlock()\n");
    let fix = &found[0].cause.fix;
    let call = format!(
        "call `c.d.load` (x.go:{}) without",
        line(&source, "// crew calls")
    );
    assert!(fix.contains(&call), "{fix}");
}

/// A goroutine that waits under a lock for a value that another one, which wants the lock, sends in a select.
fn idle(room: &str, beside: &str) -> (String, Cause) {
    let source = format!(
        "package m\nimport \"sync\"\ntype link struct {{\n\tmu sync.Mutex\n\twake chan int\n}}\nfunc (l *link) idle() {{\n\tl.mu.Lock()\n\tdefer l.mu.Unlock()\n\t<-l.wake // 21\n}}\nfunc (l *link) open() {{\n\tl.mu.Lock() // 22\n\tdefer l.mu.Unlock()\n\tselect {{\n\tcase l.wake <- 1: // send\n\t{beside}:\n\t}}\n}}\nfunc TestA() {{\n\tl := &link{{wake: make(chan int{room})}} // made\n\tgo l.idle() // go 21\n\tgo l.open() // go 22\n}}\n"
    );
    let dump = goroutine(21, "chan receive", "", "m.(*link).idle", &source)
        + &goroutine(22, "sync.Mutex.Lock", LOCK, "m.(*link).open", &source);
    let found = all(&dump, &source);
    let cause = of(&found, "m.(*link).idle").clone();
    (source, cause)
}

#[test]
fn a_send_that_is_dropped_where_no_receiver_waits_gets_room() {
    let (source, found) = idle("", "default");
    let at = |mark: &str| line(&source, mark);
    assert_eq!(
        found.fix,
        format!(
            "unlock `l.mu` in m.(*link).idle before it waits (x.go:{}), and give `wake` room for 1 (x.go:{}): the send at x.go:{} has a `default`, and is lost where it comes before the receive",
            at("// 21"),
            at("// made"),
            at("// send")
        )
    );
    for (room, beside) in [(", 1", "default"), ("", "case <-l.wake")] {
        let (_, found) = idle(room, beside);
        assert!(!found.fix.contains("room"), "{room} {beside}: {found:?}");
    }
}

/// A Read that waits for a channel that nothing closes, called by a function of package io.
fn read(caller: &str, body: &str) -> (String, Cause) {
    let source = format!(
        "package m\nimport \"io\"\ntype mail struct{{ c chan int }}\ntype inbox struct{{ m *mail }}\nfunc (i *inbox) Read(p []byte) (int, error) {{\n{body}}}\ntype Line struct{{ r io.Reader }}\nfunc (l *Line) fill(p []byte) {{\n\t{caller}(l.r, p) // fill\n}}\ntype host struct{{}}\nfunc (h *host) CloseLine(l *Line) {{\n}}\nfunc TestA() {{\n\tl := &Line{{r: &inbox{{m: &mail{{c: make(chan int)}}}}}}\n\tgo l.fill(nil) // go 21\n\t(&host{{}}).CloseLine(l)\n}}\n"
    );
    let block = goroutine(21, "chan receive", "", "m.(*inbox).Read", &source);
    let io = format!("{caller}(...)\n\t/go/src/io/io.go:1 +0x1\n");
    let outer = format!(
        "{io}m.(*Line).fill(0x1)\n\t/m/x.go:{} +0x1\n",
        line(&source, "// fill")
    );
    let block = block.replace("created by", &format!("{outer}created by"));
    let found = all(&block, &source).remove(0).cause;
    (source, found)
}

#[test]
fn a_read_that_a_close_would_let_run_for_ever_is_to_return_an_error() {
    let waits = "\t<-i.m.c // 21\n\treturn 0, nil // returns\n";
    let (source, found) = read("io.ReadFull", waits);
    assert!(found.fix.contains("close `c`"), "{found:?}");
    assert!(
        found.fix.ends_with(&format!(
            ", and let Read return io.EOF where that is closed (line {}): it returns `0, nil` there, after which io.ReadFull calls it again",
            line(&source, "// returns")
        )),
        "{found:?}"
    );
    for (caller, body) in [
        (
            "io.ReadFull",
            "\t_, ok := <-i.m.c // 21\n\tif !ok {\n\t\treturn 0, io.EOF\n\t}\n\treturn 0, nil\n",
        ),
        ("io.ReadFull", "\tn := <-i.m.c // 21\n\treturn n, nil\n"),
        ("log.once", waits),
    ] {
        let (_, found) = read(caller, body);
        assert!(!found.fix.contains("io.EOF"), "{caller} {body}: {found:?}");
    }
}

#[test]
fn a_lock_of_the_package_may_be_held_by_a_goroutine_of_another_test() {
    let source = "package m\nimport \"sync\"\nvar all sync.Mutex\nvar other sync.Mutex\ntype hub struct{ out chan int }\nfunc (h *hub) send() {\n\tall.Lock() // 22\n\th.out <- 1 // 21\n\tall.Unlock()\n}\nfunc (h *hub) count() {\n\tother.Lock() // 23\n\tother.Unlock()\n}\nfunc TestA() {\n\th := &hub{out: make(chan int)}\n\tgo h.send() // go 21\n}\nfunc TestB() {\n\th := &hub{out: make(chan int)}\n\tgo h.send() // go 22\n\tgo h.count() // go 23\n}\n";
    let dump = goroutine(21, "chan send", "", "m.(*hub).send", source)
        + &goroutine(22, "sync.Mutex.Lock", LOCK, "m.(*hub).send", source)
        + &goroutine(23, "sync.Mutex.Lock", LOCK, "m.(*hub).count", source);
    let mut seen = sightings(&dump);
    for one in &mut seen[1..] {
        one.label = Some(TestSeq(2));
    }
    let found = judged(&evidence(seen), source);
    let wait = found
        .iter()
        .find(|group| group.cause.waits_for.contains("`all`, a mutex"));
    let (taken, waits) = (line(source, "// 22"), line(source, "// 21"));
    let told = &wait.expect("it").cause.waits_for;
    assert!(
        told.starts_with(&format!(
            "`all`, a mutex that m.(*hub).send locked at x.go:{taken} and holds while it waits for a receiver on `h.out`"
        )) && told.ends_with(&format!(" (x.go:{waits})")),
        "{told}"
    );
    // One of two locks of the package is not the other one.
    let free = of(&found, "m.(*hub).count");
    assert!(!free.waits_for.contains("holds"), "{free:?}");
}

/// A hub that sends to each of its lines under locks, and whose lines end under one of them.
fn hub(send: &str) -> (String, Cause) {
    let source = format!(
        "package m\nimport \"sync\"\nvar all sync.Mutex\ntype wire struct {{\n\tout chan int\n\th *hub\n\tid int\n}}\nfunc (w *wire) Stop() {{ // stop\n\tw.h.drop(w.id)\n}}\ntype hub struct {{\n\tmu sync.Mutex\n\twires map[int]*wire\n}}\nfunc (h *hub) drop(id int) {{\n\th.mu.Lock() // 22\n\tdefer h.mu.Unlock()\n\tclose(h.wires[id].out)\n\tdelete(h.wires, id)\n}}\nfunc (h *hub) send() {{\n{send}}}\nfunc TestA() {{\n\th := &hub{{wires: map[int]*wire{{}}}}\n\tw := &wire{{out: make(chan int), h: h}}\n\th.wires[0] = w\n\tgo h.send() // go 21\n\tgo w.Stop() // go 22\n}}\n"
    );
    let dump = goroutine(21, "chan send", "", "m.(*hub).send", &source)
        + &within(
            &goroutine(22, "sync.Mutex.Lock", LOCK, "m.(*hub).drop", &source),
            &[("m.(*wire).Stop", line(&source, "// stop") + 1)],
        );
    let found = all(&dump, &source);
    let cause = of(&found, "m.(*hub).send").clone();
    (source, cause)
}

#[test]
fn a_way_out_of_a_send_leaves_no_lock_behind_and_waits_for_none() {
    let (source, found) = hub(
        "\th.mu.Lock()\n\tdefer h.mu.Unlock()\n\tall.Lock() // all\n\tfor _, w := range h.wires {\n\t\tw.out <- 1 // 21\n\t}\n\tall.Unlock()\n",
    );
    let at = |mark: &str| format!("line {}", line(&source, mark));
    assert_eq!(
        found.fix,
        format!(
            "select the send against a done channel that Stop of the wire ({}) closes before `h.mu.Lock()` ({}), and go on with the next one: a `return` there would leave `all` ({}) locked",
            at("// stop"),
            at("// 22"),
            at("// all")
        )
    );
    let (source, found) = hub("\tall.Lock() // all\n\th.wires[0].out <- 1 // 21\n\tall.Unlock()\n");
    let ends = format!(
        "a done channel that Stop of the wire (line {}) closes, and unlock `all` (line {}) and return on that",
        line(&source, "// stop"),
        line(&source, "// all")
    );
    assert!(found.fix.ends_with(&ends), "{found:?}");
    let (_, found) = hub("\tall.Lock()\n\tdefer all.Unlock()\n\th.wires[0].out <- 1 // 21\n");
    assert!(found.fix.ends_with(" closes, and return on that"), "{found:?}");
}

/// A function that starts one which sends to one of two channels, and receives from both, or not.
fn asked(receives: &str) -> (String, Cause) {
    let source = format!(
        "package m\nimport \"time\"\nfunc ask(f func() error, d time.Duration) {{\n\tgood := make(chan bool)\n\tbad := make(chan error)\n\tgo func() {{ // go 21\n\t\tif err := f(); err != nil {{\n\t\t\tbad <- err // 21\n\t\t}} else {{\n\t\t\tgood <- true // other\n\t\t}}\n\t}}()\n{receives}\tselect {{\n\tcase <-bad: // receives\n\tcase <-time.After(d):\n\t}}\n}}\nfunc take(c chan bool) {{\n\t<-c\n}}\nfunc TestA() {{\n\tgo ask(nil, 1)\n}}\n"
    );
    let dump = goroutine(21, "chan send", "", "m.ask.func1", &source);
    let found = all(&dump, &source).remove(0).cause;
    (source, found)
}

#[test]
fn another_send_of_the_function_that_has_the_same_receiver_needs_the_same() {
    let (source, found) = asked("\tselect {\n\tcase <-good:\n\tdefault:\n\t}\n");
    let at = |mark: &str| format!("line {}", line(&source, mark));
    assert_eq!(
        found.waits_for,
        format!(
            "a receiver on `bad`: no goroutine is in `ask`, which receives from it ({}), and from `good`, to which this function sends too ({})",
            at("// receives"),
            at("// other")
        )
    );
    assert_eq!(
        found.fix,
        format!(
            "give `bad` and `good` room for every send, or select each of these sends ({}, {}) against a channel that `ask` closes when it returns (`defer close(done)`)",
            at("// 21"),
            at("// other")
        )
    );
    let (_, found) = asked("\tgo take(good)\n");
    assert!(!found.fix.contains("good"), "{found:?}");
}

#[test]
fn a_close_in_the_same_function_waits_for_the_lock_around_its_call() {
    let source = "package m\nimport \"sync\"\ntype round struct{ next func() }\nfunc play(n int) {\n\tall := make([]round, n)\n\tturn := make(chan int)\n\tfor i := range all {\n\t\tvar own chan int\n\t\tkeep := func() { own = turn }\n\t\tall[i].next = func() {\n\t\t\tkeep()\n\t\t\tif i == 0 {\n\t\t\t\tclose(turn) // closes\n\t\t\t\tturn = make(chan int)\n\t\t\t}\n\t\t\t<-own // 21\n\t\t}\n\t}\n\trun(all)\n}\nfunc run(all []round) {\n\tvar mu sync.Mutex\n\tfor i := range all {\n\t\tgo func(r *round) { // go 21\n\t\t\tfor {\n\t\t\t\tmu.Lock() // 22\n\t\t\t\tr.next() // calls\n\t\t\t\tmu.Unlock()\n\t\t\t}\n\t\t}(&all[i])\n\t}\n}\nfunc TestA() {\n\tgo play(3) // go 22\n}\n";
    let dump = within(
        &goroutine(21, "chan receive", "", "m.play.func2", source),
        &[("m.run.func1", line(source, "// calls"))],
    ) + &goroutine(22, "sync.Mutex.Lock", LOCK, "m.run.func1", source);
    let found = all(&dump, source);
    let wait = found
        .iter()
        .find(|group| group.cause.code == CauseCode::ReceiveNoSender);
    let wait = &wait.expect("it").cause;
    let at = |mark: &str| line(source, mark);
    assert_eq!(
        wait.waits_for,
        format!(
            "a value from `own`: only this function itself ends that, by `close(turn)` (line {}), and to run it a goroutine of m.run waits for `mu` (x.go:{}), which this one holds (x.go:{})",
            at("// closes"),
            at("// 22"),
            at("// 22")
        )
    );
    assert_eq!(
        wait.fix,
        format!("call `r.next` (line {}) without `mu`", at("// calls"))
    );
}

#[test]
fn a_done_that_is_missing_is_to_come_before_the_wait_that_hangs_on_the_group() {
    let source = "package m\nimport \"sync\"\ntype host struct {\n\tquit chan int\n\tbusy sync.WaitGroup\n}\nfunc (h *host) Begin() {\n\th.busy.Add(1) // add\n}\nfunc (h *host) Quit() <-chan int {\n\treturn h.quit\n}\nfunc (h *host) Stop() {\n\th.busy.Wait() // 21\n\tclose(h.quit)\n}\nfunc TestA() {\n\th := &host{quit: make(chan int)}\n\tgo func() { // go 22\n\t\th.Begin() // begins\n\t\t<-h.Quit() // 22\n\t}()\n\tgo h.Stop() // go 21\n}\n";
    let above = "sync.runtime_SemacquireWaitGroup(0x1)\n\t/go/src/runtime/sema.go:1 +0x1\nsync.(*WaitGroup).Wait(0x1)\n\t/go/src/sync/waitgroup.go:1 +0x1\n";
    let judge = |source: &str| {
        let dump = goroutine(21, "sync.WaitGroup.Wait", above, "m.(*host).Stop", source);
        of(&all(&dump, source), "m.(*host).Stop").fix.clone()
    };
    let at = |mark: &str| line(source, mark);
    assert_eq!(
        judge(source),
        format!(
            "call `h.busy.Done()` once for each `h.busy.Add(1)` (line {}): after `h.Begin()` (line {}), before the wait for `<-h.Quit()` (line {}), which Stop closes only after `h.busy.Wait()` (line {})",
            at("// add"),
            at("// begins"),
            at("// 22"),
            at("// 21")
        )
    );
    // Where the close does not wait for the group, it may be deferred.
    let free = source.replace("\tclose(h.quit)\n", "").replace(
        "func TestA",
        "func (h *host) End() {\n\tclose(h.quit)\n}\nfunc TestA",
    );
    assert!(
        judge(&free).ends_with(&format!("(line {})", at("// add"))),
        "{}",
        judge(&free)
    );
}

const GROUP: &str = "sync.runtime_SemacquireWaitGroup(0x1)\n\t/go/src/runtime/sema.go:1 +0x1\nsync.(*WaitGroup).Wait(0x1)\n\t/go/src/sync/waitgroup.go:1 +0x1\n";

#[test]
fn a_worker_that_calls_done_in_a_method_of_its_own_is_found_and_told_with_what_it_waits_for() {
    let source = "package m\nimport \"sync\"\ntype crew struct {\n\twg sync.WaitGroup\n\tquit chan int\n}\nfunc (c *crew) run(f func()) {\n\tc.wg.Add(1)\n\tgo func() { // go 22\n\t\tdefer c.gone()\n\t\tf() // runs\n\t}()\n}\nfunc (c *crew) gone() {\n\tif c != nil {\n\t\tc.wg.Done()\n\t}\n}\nfunc (c *crew) stop() {\n\tclose(c.quit)\n\tc.wg.Wait() // 21\n}\nfunc TestA() {\n\tc := &crew{quit: make(chan int)}\n\tout := make(chan int)\n\tc.run(func() {\n\t\tfor {\n\t\t\tselect {\n\t\t\tcase <-c.quit: // quits\n\t\t\t\treturn\n\t\t\tdefault:\n\t\t\t\tout <- 1 // 22\n\t\t\t}\n\t\t}\n\t})\n\tc.run(func() { // takes\n\t\tfor {\n\t\t\tselect {\n\t\t\tcase <-out: // receives\n\t\t\tcase <-c.quit:\n\t\t\t\treturn\n\t\t\t}\n\t\t}\n\t})\n\tgo c.stop() // go 21\n}\n";
    let dump = goroutine(21, "sync.WaitGroup.Wait", GROUP, "m.(*crew).stop", source)
        + &within(
            &goroutine(22, "chan send", "", "m.TestA.func1", source)
                .replace("m.TestA in", "m.(*crew).run in"),
            &[("m.(*crew).run.func1", line(source, "// runs"))],
        );
    let found = all(&dump, source);
    let wait = of(&found, "m.(*crew).stop");
    let at = |mark: &str| line(source, mark);
    assert_eq!(
        wait.waits_for,
        format!(
            "`c.wg`, a WaitGroup for which a goroutine of m.(*crew).run has not called Done: that waits at x.go:{} for a receiver on `out`: no goroutine is in the function of line {}, which receives from it (line {})",
            at("// 22"),
            at("// takes"),
            at("// receives")
        )
    );
    assert_eq!(
        wait.fix,
        format!(
            "end the wait of a goroutine of m.(*crew).run first: `<-c.quit` ends its loop (line {}), but not this send: select the send against `<-c.quit` too, and return on that",
            at("// quits")
        )
    );
}

#[test]
fn of_the_goroutines_that_a_helper_starts_the_one_with_the_function_of_the_call_ends_its_channel() {
    let source = "package m\nimport \"sync\"\ntype signal <-chan int\nfunc after(f func()) signal {\n\tc := make(chan int)\n\tgo func() { // go 22\n\t\tdefer close(c)\n\t\tf() // runs\n\t}()\n\treturn signal(c)\n}\nfunc work(gate chan int, cond *sync.Cond) {\n\tawake := after(cond.Wait)\n\t<-awake // 22\n}\nfunc wait(gate chan int, cond *sync.Cond) {\n\tdone := after(func() {\n\t\twork(gate, cond) // works\n\t})\n\t<-done // 21\n}\nfunc TestA() {\n\tvar mu sync.Mutex\n\tcond := sync.NewCond(&mu)\n\tgate := make(chan int)\n\tgo wait(gate, cond) // go 21\n\tcond.Signal() // signals\n}\n";
    let at = |mark: &str| line(source, mark);
    let child = |id: u32, by: u32, state: &str, frames: &str| {
        format!(
            "goroutine {id} [{state}]:\n{frames}m.after.func1(0x1)\n\t/m/x.go:{} +0x1\ncreated by m.after in goroutine {by}\n\t/m/x.go:{} +0x1\n\n",
            at("// runs"),
            at("// go 22")
        )
    };
    let working = format!(
        "m.work(0x1)\n\t/m/x.go:{} +0x1\nm.wait.func1(0x1)\n\t/m/x.go:{} +0x1\n",
        at("// 22"),
        at("// works")
    );
    let cond = "sync.(*Cond).Wait(0xc000010000)\n\t/go/src/sync/cond.go:71 +0x1\n";
    let dump = goroutine(21, "chan receive", "", "m.wait", source)
        + &child(22, 21, "chan receive", &working)
        + &child(23, 22, "sync.Cond.Wait", cond);
    let found = all(&dump, source);
    let wait = of(&found, "m.wait");
    assert_eq!(
        wait.waits_for,
        format!(
            "a value from `done`, to which a goroutine of m.after does not come: that waits for a value from `awake` (x.go:{}), to which another goroutine of m.after does not come: that waits for a Signal or Broadcast on `cond` that comes after Wait has begun: `cond.Signal` (line {}) wakes only those that wait already (x.go:{})",
            at("// 22"),
            at("// signals"),
            at("// runs")
        )
    );
    assert!(
        wait.fix.ends_with(&format!(
            "do not hand `cond.Wait` (line {}) on to another goroutine, which may not have begun when the Signal or Broadcast comes: use a channel with room for 1 in place of the Cond",
            at("after(cond.Wait)")
        )),
        "{wait:?}"
    );
}

#[test]
fn an_end_that_waits_in_an_earlier_round_has_not_come_to_the_others() {
    let source = "package m\ntype watch struct{ free, over, next chan int }\ntype source struct{ n int }\nfunc (s *source) Release(w *watch) {\n\tclose(w.free)\n\t<-w.over // 22\n}\nfunc (s *source) Watch() *watch {\n\tw := &watch{free: make(chan int), over: make(chan int), next: make(chan int)}\n\tgo func() { // go 21\n\t\tdefer close(w.over)\n\t\tfor over := false; ; {\n\t\t\tif over {\n\t\t\t\treturn\n\t\t\t}\n\t\t\tselect { // 21\n\t\t\tcase <-w.free:\n\t\t\t\tover = true\n\t\t\tcase <-w.next:\n\t\t\t}\n\t\t}\n\t}()\n\treturn w\n}\nfunc run() {\n\ts := &source{}\n\tall := []*watch{s.Watch(), s.Watch()}\n\tfor _, w := range all {\n\t\ts.Release(w) // releases\n\t}\n}\nfunc TestA() {\n\tgo run() // go 22\n}\n";
    let at = |mark: &str| line(source, mark);
    let dump = goroutine(21, "select", "", "m.(*source).Watch.func1", source)
        + &within(
            &goroutine(22, "chan receive", "", "m.(*source).Release", source),
            &[("m.run", at("// releases"))],
        );
    let found = all(&dump, source);
    let wait = of(&found, "m.(*source).Watch.func1");
    assert!(
        wait.waits_for.ends_with(&format!(
            "; `Release` of the source (x.go:{}) has not come to this one: m.run waits in it for another one (x.go:{})",
            at("// releases"),
            at("// 22")
        )),
        "{wait:?}"
    );
    assert_eq!(
        wait.fix,
        "end the wait of m.run first, which goes on to this one then"
    );
}

#[test]
fn a_channel_that_the_receiver_closes_at_its_end_is_the_one_to_select_against() {
    let source = "package m\ntype pipe chan<- int\nfunc (p pipe) put(v int) {\n\tp <- v // 21\n}\nfunc feed(p pipe) {\n\tp.put(1) // puts\n}\nfunc run(n int) {\n\tc := make(chan int)\n\tover := make(chan int)\n\tgo func() { // reader\n\t\tfor v := range c { // receives\n\t\t\tif v > n {\n\t\t\t\treturn // early\n\t\t\t}\n\t\t}\n\t\tclose(over) // closes\n\t}()\n\tgo feed(pipe(c)) // go 21\n\tclose(c) // all\n\t<-over\n}\nfunc TestA() {\n\tgo run(1)\n}\n";
    let at = |mark: &str| line(source, mark);
    let dump = within(
        &goroutine(21, "chan send", "", "m.pipe.put", source),
        &[("m.feed", at("// puts"))],
    );
    let found = all(&dump, source).remove(0).cause;
    assert_eq!(
        found.fix,
        format!(
            "give the channel room for every send, or select the send against a channel that the function of line {0} closes when it returns: `over`, with `defer close(over)` first there in place of the one that comes later (line {1}); or let the function of line {0} take the rest before its `return` (line {2}), up to `close(c)` (line {3}): `for range c {{}}`, with that `defer` too",
            at("// reader"),
            at("// closes"),
            at("// early"),
            at("// all")
        )
    );
}

#[test]
fn a_send_is_selected_against_the_method_that_the_receiver_calls() {
    let source = "package m\ntype lamp struct{ c chan int }\ntype stopper struct{ quit chan int }\nfunc (s *stopper) Quit() <-chan int {\n\treturn s.quit\n}\nfunc (s *stopper) Stop() {\n\tclose(s.quit)\n}\nfunc run(f func()) {\n\tgo f()\n}\nfunc (l *lamp) open(s *stopper) {\n\tgo func() { // go 21\n\t\tl.c <- 1 // 21\n\t}()\n\trun(func() { // takes\n\t\tfor {\n\t\t\tselect {\n\t\t\tcase <-s.Quit(): // quits\n\t\t\t\treturn\n\t\t\tcase <-l.c:\n\t\t\t}\n\t\t}\n\t})\n}\nfunc TestA() {\n\ts := &stopper{quit: make(chan int)}\n\tl := &lamp{c: make(chan int)}\n\tl.open(s)\n\ts.Stop()\n}\n";
    let dump = goroutine(21, "chan send", "", "m.(*lamp).open.func1", source);
    let found = all(&dump, source).remove(0).cause;
    assert_eq!(
        found.fix,
        format!(
            "select the send against `<-s.Quit()`, on which the function of line {} returns (line {})",
            line(source, "// takes"),
            line(source, "// quits")
        )
    );
}

#[test]
fn a_channel_whose_values_are_used_is_none_to_leave_a_send_by() {
    let source = |loops: &str| {
        format!(
            "package m\ntype cache struct{{ in, out chan int }}\nfunc (c *cache) work() {{\n{loops}\t\tc.send(1) // sends\n\t}}\n}}\nfunc (c *cache) send(v int) {{\n\tc.out <- v // 21\n}}\nfunc (c *cache) stop() {{ // stop\n\tclose(c.in)\n}}\nfunc TestA() {{\n\tc := &cache{{in: make(chan int), out: make(chan int)}}\n\tgo c.work() // go 21\n\tc.stop()\n}}\n"
        )
    };
    let judge = |source: &str| {
        let block = goroutine(21, "chan send", "", "m.(*cache).send", source);
        let frames = [("m.(*cache).work", line(source, "// sends"))];
        all(&within(&block, &frames), source).remove(0).cause.fix
    };
    for loops in [
        "\tfor v := range c.in {\n\t\t_ = v\n",
        "\tfor {\n\t\t_, ok := <-c.in\n\t\tif !ok {\n\t\t\treturn\n\t\t}\n",
    ] {
        let used = source(loops);
        let fix = judge(&used);
        assert!(!fix.contains("`<-c.in`"), "{fix}");
        let closes = format!(
            "a done channel that stop of the cache (line {}) closes",
            line(&used, "// stop")
        );
        assert!(fix.contains(&closes), "{fix}");
    }
    let unused = source("\tfor {\n\t\tselect {\n\t\tcase <-c.in:\n\t\t\treturn\n\t\tdefault:\n\t\t}\n");
    let fix = judge(&unused);
    assert!(fix.contains("`<-c.in`"), "{fix}");
}

#[test]
fn a_read_lock_is_given_back_by_its_own_method() {
    let source = "package m\nimport \"sync\"\ntype queue struct {\n\tmu sync.RWMutex\n\tc chan int\n}\nfunc (q *queue) take() {\n\tq.mu.RLock()\n\tdefer q.mu.RUnlock()\n\t<-q.c // 21\n}\nfunc (q *queue) put() {\n\tq.mu.Lock() // 22\n\tdefer q.mu.Unlock()\n}\nfunc TestA(c chan int) {\n\tq := &queue{c: c}\n\tgo q.take() // go 21\n\tgo q.put() // go 22\n}\n";
    let write = LOCK.replace("sync.(*Mutex).Lock", "sync.(*RWMutex).Lock");
    let dump = goroutine(21, "chan receive", "", "m.(*queue).take", source)
        + &goroutine(22, "sync.RWMutex.Lock", &write, "m.(*queue).put", source);
    let found = all(&dump, source);
    let fix = &of(&found, "m.(*queue).take").fix;
    assert!(fix.contains("RUnlock `q.mu` before it waits"), "{fix}");
}

#[test]
fn a_wait_that_ends_in_a_place_has_its_own_place_before_it() {
    let source = "package m\nfunc work(c chan int, out chan int) {\n\tout <- 1 // 22\n\tclose(c)\n}\nfunc take(out chan int) {\n\tfor v := range out { // receives\n\t\tif v > 0 {\n\t\t\treturn\n\t\t}\n\t}\n}\nfunc TestA() {\n\tc, out := make(chan int), make(chan int)\n\tgo work(c, out) // go 22\n\tgo take(out)\n\tgo wait(c) // go 21\n}\nfunc wait(c chan int) {\n\t<-c // 21\n}\n";
    let dump = goroutine(21, "chan receive", "", "m.wait", source)
        + &goroutine(22, "chan send", "", "m.work", source);
    let found = all(&dump, source);
    let told = &of(&found, "m.wait").waits_for;
    let begin = format!(
        "a value from `c`, to which m.work does not come: that waits at x.go:{} for a receiver on `out`: no goroutine is in `take`",
        line(source, "// 22")
    );
    assert!(told.starts_with(&begin), "{told}");
}

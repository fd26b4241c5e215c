//! Causes of goroutines that a lock keeps waiting, and of what its holder waits for.

use super::kind::{all, line, of, only, words};

const LOCK: &str = "internal/sync.runtime_SemacquireMutex(0x1)\n\t/go/src/runtime/sema.go:1 +0x1\nsync.(*Mutex).Lock(...)\n\t/go/src/sync/mutex.go:1\n";
const READ: &str = "sync.runtime_SemacquireRWMutexR(0x1)\n\t/go/src/runtime/sema.go:1 +0x1\nsync.(*RWMutex).RLock(...)\n\t/go/src/sync/rwmutex.go:1\n";
const WRITE: &str = "internal/sync.runtime_SemacquireMutex(0x1)\n\t/go/src/runtime/sema.go:1 +0x1\nsync.(*Mutex).Lock(...)\n\t/go/src/sync/mutex.go:1\nsync.(*RWMutex).Lock(0x1)\n\t/go/src/sync/rwmutex.go:1 +0x1\n";

/// A goroutine with these calls, innermost first, each with the mark of its line.
fn goroutine(source: &str, id: u32, state: &str, above: &str, calls: &[(&str, &str)]) -> String {
    let frames: String = calls
        .iter()
        .map(|(call, mark)| format!("m.{call}()\n\t/m/x.go:{} +0x1\n", line(source, mark)))
        .collect();
    let go = line(source, &format!("// go {id}"));
    format!(
        "goroutine {id} [{state}]:\n{above}{frames}created by m.TestA in goroutine 10\n\t/m/x.go:{go} +0x2\n\n"
    )
}

#[test]
fn a_wait_for_who_wants_a_lock_that_is_left_locked_says_where_that_is() {
    let source = "package m\nimport \"sync\"\ntype book struct {\n\tmu sync.Mutex\n\tgone bool\n}\nfunc (b *book) clear() {\n\tb.mu.Lock() // locks\n\tif b.gone {\n\t\treturn // leaves\n\t}\n\tb.mu.Unlock()\n}\nfunc (b *book) fill(done chan bool) {\n\tb.mu.Lock() // wants\n\tb.mu.Unlock()\n\tclose(done)\n}\nfunc wait(done chan bool) {\n\t<-done // waits\n}\nfunc TestA() {\n\tb, done := &book{}, make(chan bool)\n\tb.clear()\n\tgo b.fill(done) // go 22\n\tgo wait(done) // go 21\n}\n";
    let dump = goroutine(source, 21, "chan receive", "", &[("wait", "// waits")])
        + &goroutine(
            source,
            22,
            "sync.Mutex.Lock",
            LOCK,
            &[("(*book).fill", "// wants")],
        );
    let found = all(&dump, source);
    let at = |mark: &str| format!("x.go:{}", line(source, mark));
    assert_eq!(
        of(&found, "m.wait").waits_for,
        format!(
            "a value from `done`, to which m.(*book).fill does not come: that waits at {} for `b.mu`, a mutex that clear locks at {} and does not unlock on the path that returns at line {}",
            at("// wants"),
            at("// locks"),
            line(source, "// leaves")
        )
    );
}

#[test]
fn a_lock_in_a_function_literal_is_told_as_that_functions() {
    let source = "package m\nimport (\n\t\"sync\"\n\t\"time\"\n)\ntype book struct {\n\tmu sync.Mutex\n\tgone bool\n}\nfunc (b *book) later() {\n\ttime.AfterFunc(1, func() { // timer\n\t\tb.mu.Lock() // locks\n\t\tif b.gone {\n\t\t\treturn // leaves\n\t\t}\n\t\tb.mu.Unlock()\n\t})\n}\nfunc (b *book) work() {\n\tb.mu.Lock() // 21\n\tb.mu.Unlock()\n}\nfunc TestA() {\n\tb := &book{}\n\tb.later()\n\tgo b.work() // go 21\n}\n";
    let dump = goroutine(source, 21, "sync.Mutex.Lock", LOCK, &[("(*book).work", "// 21")]);
    let found = all(&dump, source);
    assert_eq!(
        of(&found, "m.(*book).work").waits_for,
        format!(
            "`b.mu`, a mutex that the function of x.go:{} locks at x.go:{} and does not unlock on the path that returns at line {}",
            line(source, "// timer"),
            line(source, "// locks"),
            line(source, "// leaves")
        )
    );
}

#[test]
fn the_wait_of_a_holder_is_ended_as_its_own_cause_says() {
    let source = "package m\nimport \"sync\"\ntype feed struct {\n\tmu sync.Mutex\n\tout, done chan int\n}\nfunc (f *feed) Close() {\n\tclose(f.done)\n}\nfunc (f *feed) send() {\n\tf.mu.Lock() // locks\n\tdefer f.mu.Unlock()\n\tf.out <- 1 // sends\n}\nfunc (f *feed) size() {\n\tf.mu.Lock() // wants\n\tf.mu.Unlock()\n}\nfunc TestA() {\n\tf := &feed{out: make(chan int), done: make(chan int)}\n\tgo f.send() // go 21\n\tgo f.size() // go 22\n\tf.Close()\n}\n";
    let dump = goroutine(source, 21, "chan send", "", &[("(*feed).send", "// sends")])
        + &goroutine(
            source,
            22,
            "sync.Mutex.Lock",
            LOCK,
            &[("(*feed).size", "// wants")],
        );
    let found = all(&dump, source);
    let fix = &of(&found, "m.(*feed).size").fix;
    assert!(
        fix.starts_with("end the wait of m.(*feed).send first: ") && fix.contains("`<-f.done`"),
        "{fix}"
    );
}

#[test]
fn a_reader_behind_who_has_locked_to_write_waits_for_that_alone() {
    let source = "package m\nimport \"sync\"\ntype table struct {\n\tsync.RWMutex\n\trow sync.Mutex\n}\nfunc (t *table) take() {\n\tt.Lock() // locks\n\tt.row.Lock() // wants\n\tt.Unlock()\n}\nfunc (t *table) give() {\n\tt.RLock() // reads\n\tdefer t.RUnlock()\n\tt.row.Unlock()\n}\nfunc user(t *table) {\n\tt.take() // takes\n\tt.give() // gives\n}\nfunc TestA() {\n\tt := &table{}\n\tgo user(t) // go 21\n\tgo user(t) // go 22\n\tgo user(t) // go 23\n}\n";
    let dump = goroutine(
        source,
        21,
        "sync.RWMutex.RLock",
        READ,
        &[("(*table).give", "// reads"), ("user", "// gives")],
    ) + &goroutine(
        source,
        22,
        "sync.Mutex.Lock",
        LOCK,
        &[("(*table).take", "// wants"), ("user", "// takes")],
    ) + &goroutine(
        source,
        23,
        "sync.RWMutex.Lock",
        WRITE,
        &[("(*table).take", "// locks"), ("user", "// takes")],
    );
    let found = all(&dump, source);
    let circles: Vec<&str> = found
        .iter()
        .flat_map(|group| &group.cause.notes)
        .filter(|note| note.contains("cycle"))
        .map(String::as_str)
        .collect();
    let locks = format!("waits for `t` (x.go:{})", line(source, "// locks"));
    assert!(!circles.is_empty(), "{found:?}");
    assert!(
        circles.iter().all(|circle| !circle.contains(&locks)),
        "{circles:?}"
    );
}

#[test]
fn two_orders_of_one_function_are_told_with_its_name_once() {
    let source = "package m\nimport \"sync\"\ntype set struct {\n\tmu sync.Mutex\n\titem *item\n}\ntype item struct{ mu sync.Mutex }\nfunc (s *set) drop() {\n\ts.mu.Lock() // set\n\tdefer s.mu.Unlock()\n\ts.item.mu.Lock() // item\n\tdefer s.item.mu.Unlock()\n\ts.wait() // waits\n}\nfunc (s *set) wait() {\n\ts.mu.Unlock()\n\ts.mu.Lock() // again\n}\nfunc TestA() {\n\ts := &set{item: &item{}}\n\tgo s.drop() // go 21\n\tgo s.drop() // go 22\n}\n";
    let dump = goroutine(source, 21, "sync.Mutex.Lock", LOCK, &[("(*set).drop", "// item")])
        + &goroutine(
            source,
            22,
            "sync.Mutex.Lock",
            LOCK,
            &[("(*set).wait", "// again"), ("(*set).drop", "// waits")],
        );
    let found = all(&dump, source);
    let fix = &found[0].cause.fix;
    assert_eq!(fix.matches("m.(*set).drop").count(), 1, "{fix}");
    assert!(fix.contains("m.(*set).drop takes `s."), "{fix}");
}

#[test]
fn a_cond_in_a_loop_over_a_variable_that_is_set_once_is_never_left() {
    let of = |more: &str| {
        let source = format!(
            "package m\nimport \"sync\"\ntype watch struct {{\n\tmu sync.Mutex\n\tcv *sync.Cond\n\tn int\n}}\nfunc (w *watch) work() {{\n\tw.mu.Lock()\n\tdefer w.mu.Unlock()\n\texists := w.n > 0 // set\n\tfor exists {{ // asks\n\t\tw.cv.Wait() // 21\n{more}\n\t}}\n}}\nfunc TestA() {{\n\tw := &watch{{}}\n\tw.cv = sync.NewCond(&w.mu)\n\tgo w.work() // go 21\n}}\n"
        );
        let cause = only("sync.Cond.Wait", &source);
        (source, cause)
    };
    let (source, cause) = of("");
    let at = |mark: &str| format!("line {}", line(&source, mark));
    assert_eq!(
        cause.waits_for,
        format!(
            "a Signal or Broadcast on `w.cv`, in a loop that goes on while `exists` ({}): `exists` is set once ({}), and no wake-up ends the loop",
            at("// asks"),
            at("// set")
        )
    );
    assert_eq!(
        cause.fix,
        format!(
            "set `exists` anew in the loop, after each `w.cv.Wait()` ({})",
            at("// 21")
        )
    );
    for more in ["\t\texists = w.n > 0", "\t\tif w.n == 0 {\n\t\t\tbreak\n\t\t}"] {
        let (_, cause) = of(more);
        assert!(!words(&cause).contains("set once"), "{more}: {cause:?}");
    }
}

#[test]
fn a_channel_that_its_owner_closes_under_the_senders_lock_is_let_go_before_that() {
    let source = "package m\nimport \"sync\"\ntype framer struct {\n\tmu sync.Mutex\n\treset, gone chan bool\n}\nfunc (f *framer) monitor() {\n\tfor {\n\t\tselect {\n\t\tcase <-f.gone:\n\t\t\tf.mu.Lock() // wants\n\t\t\tclose(f.reset)\n\t\t\tf.reset = nil\n\t\t\tf.mu.Unlock()\n\t\t\treturn\n\t\t}\n\t}\n}\nfunc (f *framer) write() {\n\tf.mu.Lock()\n\tdefer f.mu.Unlock()\n\tf.reset <- true // sends\n}\nfunc TestA() {\n\tf := &framer{reset: make(chan bool), gone: make(chan bool)}\n\tgo f.monitor() // go 21\n\tgo f.write() // go 22\n\tf.gone <- true\n}\n";
    let dump = goroutine(
        source,
        21,
        "sync.Mutex.Lock",
        LOCK,
        &[("(*framer).monitor", "// wants")],
    ) + &goroutine(source, 22, "chan send", "", &[("(*framer).write", "// sends")]);
    let found = all(&dump, source);
    let fix = &of(&found, "m.(*framer).write").fix;
    let wants = line(source, "// wants");
    assert!(
        fix.contains(&format!(
            "a done channel that monitor (line {}) closes before `f.mu.Lock()` (line {wants})",
            line(source, ") monitor()")
        )),
        "{fix}"
    );
}

#[test]
fn a_context_that_the_sender_cancels_itself_is_cancelled_after_the_send() {
    let of = |run: &str| {
        let source = format!(
            "package m\nimport \"context\"\ntype watch struct {{\n\tctx context.Context\n\tcancel context.CancelFunc\n\tout chan bool\n}}\nfunc (w *watch) Stop() {{\n\tw.cancel()\n}}\nfunc (w *watch) work() {{\n{run}\n}}\nfunc newWatch() *watch {{\n\tctx, cancel := context.WithCancel(context.Background())\n\treturn &watch{{ctx: ctx, cancel: cancel, out: make(chan bool)}}\n}}\nfunc TestA() {{\n\tw := newWatch()\n\tgo w.work() // go 21\n\tw.Stop()\n}}\n"
        );
        let cause = only("chan send", &source);
        (source, cause)
    };
    let (source, cause) = of("\tw.cancel() // early\n\tw.out <- true // 21");
    assert!(
        cause.fix.ends_with(&format!(
            "; and call `w.cancel()` (line {}) only after the send, which it would give up",
            line(&source, "// early")
        )),
        "{cause:?}"
    );
    for run in [
        "\tw.out <- true // 21",
        "\tdefer w.cancel()\n\tw.out <- true // 21",
    ] {
        let (_, cause) = of(run);
        assert!(!cause.fix.contains("give up"), "{run}: {cause:?}");
    }
}

#[test]
fn a_wait_for_who_wants_a_lock_that_is_held_says_by_whom() {
    let source = "package m\nimport \"sync\"\ntype book struct{ mu sync.Mutex }\nfunc (b *book) read(in chan int) {\n\tb.mu.Lock() // locks\n\tdefer b.mu.Unlock()\n\t<-in // reads\n}\nfunc (b *book) fill(done chan bool) {\n\tb.mu.Lock() // wants\n\tb.mu.Unlock()\n\tclose(done)\n}\nfunc wait(done chan bool) {\n\t<-done // waits\n}\nfunc TestA() {\n\tb, done := &book{}, make(chan bool)\n\tgo b.read(make(chan int)) // go 23\n\tgo b.fill(done) // go 22\n\tgo wait(done) // go 21\n}\n";
    let dump = goroutine(source, 21, "chan receive", "", &[("wait", "// waits")])
        + &goroutine(
            source,
            22,
            "sync.Mutex.Lock",
            LOCK,
            &[("(*book).fill", "// wants")],
        )
        + &goroutine(source, 23, "chan receive", "", &[("(*book).read", "// reads")]);
    let found = all(&dump, source);
    let at = |mark: &str| format!("x.go:{}", line(source, mark));
    let waits_for = &of(&found, "m.wait").waits_for;
    assert!(
        waits_for.contains(&format!(
            "that waits at {} for `b.mu`, a mutex that m.(*book).read locked at {} and holds while it waits for a value from `in`",
            at("// wants"),
            at("// locks")
        )),
        "{waits_for}"
    );
}

#[test]
fn who_waits_for_a_lock_of_a_circle_is_told_what_ends_the_circle() {
    let source = "package m\nimport \"sync\"\ntype pair struct{ one, two sync.Mutex }\nfunc (p *pair) up() {\n\tp.one.Lock()\n\tdefer p.one.Unlock()\n\tp.two.Lock() // up\n\tp.two.Unlock()\n}\nfunc (p *pair) down() {\n\tp.two.Lock()\n\tdefer p.two.Unlock()\n\tp.one.Lock() // down\n\tp.one.Unlock()\n}\nfunc (p *pair) look() {\n\tp.one.Lock() // looks\n\tp.one.Unlock()\n}\nfunc TestA() {\n\tp := &pair{}\n\tgo p.up() // go 21\n\tgo p.down() // go 22\n\tgo p.look() // go 23\n}\n";
    let dump = goroutine(source, 21, "sync.Mutex.Lock", LOCK, &[("(*pair).up", "// up")])
        + &goroutine(
            source,
            22,
            "sync.Mutex.Lock",
            LOCK,
            &[("(*pair).down", "// down")],
        )
        + &goroutine(
            source,
            23,
            "sync.Mutex.Lock",
            LOCK,
            &[("(*pair).look", "// looks")],
        );
    let found = all(&dump, source);
    let fix = &of(&found, "m.(*pair).look").fix;
    assert!(
        fix.starts_with("end the wait of m.(*pair).up first: take the locks in the same order everywhere"),
        "{fix}"
    );
}

#[test]
fn a_wait_that_nothing_is_looked_at_before_misses_a_signal_also_where_a_loop_calls_it() {
    let judged = |serve: &str| {
        let source = format!(
            "package m\nimport \"sync\"\ntype queue struct {{\n\tcond *sync.Cond\n\tn int\n}}\nfunc (q *queue) get() bool {{\n\tq.cond.L.Lock()\n\tdefer q.cond.L.Unlock()\n\tq.cond.Wait() // waits\n\treturn true\n}}\nfunc (q *queue) put() {{\n\tq.cond.Signal() // wakes\n}}\nfunc serve(q *queue) {{\n{serve}\n}}\nfunc TestA() {{\n\tq := &queue{{cond: sync.NewCond(&sync.Mutex{{}})}}\n\tgo serve(q) // go 21\n\tq.put()\n}}\n"
        );
        let wait = "sync.runtime_notifyListWait(0x1, 0x1)\n\t/go/src/runtime/sema.go:1 +0x1\nsync.(*Cond).Wait(0x1)\n\t/go/src/sync/cond.go:1 +0x1\n";
        let calls = [("(*queue).get", "// waits"), ("serve", "// calls")];
        let dump = goroutine(&source, 21, "sync.Cond.Wait", wait, &calls);
        let cause = of(&all(&dump, &source), "m.serve").clone();
        (source, cause)
    };
    let (source, cause) =
        judged("\tfor {\n\t\tif quit := q.get(); quit { // calls\n\t\t\treturn\n\t\t}\n\t}");
    assert_eq!(
        cause.waits_for,
        format!(
            "a Signal or Broadcast on `q.cond` that comes after Wait has begun: `q.cond.Signal` (line {}) wakes only those that wait already",
            line(&source, "// wakes")
        )
    );
    for serve in [
        "\tfor q.n == 0 {\n\t\tq.get() // calls\n\t}",
        "\tfor {\n\t\tif q.n == 0 {\n\t\t\tq.get() // calls\n\t\t}\n\t}",
    ] {
        let (_, cause) = judged(serve);
        assert_eq!(
            cause.waits_for, "a Signal or Broadcast on `q.cond` that does not come",
            "{serve}"
        );
    }
}

#[test]
fn a_receive_in_the_case_that_ends_its_loop_is_not_selected_against_that_case() {
    let source = "package m\ntype monitor struct {\n\tin chan int\n\tstop chan bool\n}\nfunc (m *monitor) work() {\n\tfor {\n\t\tselect {\n\t\tcase <-m.stop: // stop\n\t\t\tif _, ok := <-m.in; ok { // 21\n\t\t\t\tclose(m.in)\n\t\t\t}\n\t\t\treturn\n\t\tcase n := <-m.in:\n\t\t\tprintln(n)\n\t\t}\n\t}\n}\nfunc TestA() {\n\tm := &monitor{in: make(chan int), stop: make(chan bool)}\n\tgo m.work() // go 21\n\tm.in <- 1\n\tclose(m.stop)\n}\n";
    let dump = goroutine(source, 21, "chan receive", "", &[("(*monitor).work", "// 21")]);
    let found = all(&dump, source);
    let cause = of(&found, "m.(*monitor).work");
    assert!(
        cause.waits_for.ends_with(&format!(
            "; it is in the case `<-m.stop` (line {}), which ends its loop only after this receive",
            line(source, "// stop")
        )),
        "{cause:?}"
    );
    assert_eq!(
        cause.fix,
        format!(
            "receive in a select with `default` (line {}), so that the case ends the loop where no value is there",
            line(source, "// 21")
        )
    );
}

#[test]
fn a_holder_that_alone_ends_its_wait_under_the_lock_is_called_without_it() {
    let source = "package m\nimport \"sync\"\ntype round struct{ mu sync.Mutex }\nfunc run(r *round, next chan bool) {\n\trelease := func(leads bool) {\n\t\tif leads {\n\t\t\tclose(next)\n\t\t}\n\t\t<-next // waits\n\t}\n\tgo r.each(release) // go 21\n\tgo r.each(release) // go 22\n}\nfunc (r *round) each(release func(bool)) {\n\tr.mu.Lock() // locks\n\trelease(false) // calls\n\tr.mu.Unlock()\n}\nfunc TestA() {\n\trun(&round{}, make(chan bool))\n}\n";
    let dump = goroutine(
        source,
        21,
        "chan receive",
        "",
        &[("run.func1", "// waits"), ("(*round).each", "// calls")],
    ) + &goroutine(
        source,
        22,
        "sync.Mutex.Lock",
        LOCK,
        &[("(*round).each", "// locks")],
    );
    let found = all(&dump, source);
    let fixes: Vec<&str> = found.iter().map(|group| group.cause.fix.as_str()).collect();
    assert!(
        fixes
            .iter()
            .any(|fix| fix.starts_with("end the wait of ") && fix.contains("call `release` (")),
        "{fixes:?}"
    );
}

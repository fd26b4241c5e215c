//! Causes of knots: groups, locks, Conds and Onces that wait for what does not come, and tests that hang in them.

use super::cause_kind_tests::{all, goroutine, line, of, words};
use super::*;

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
            "`defer wg.Done()` first in the goroutine: {} comes too late for the `return` ({})",
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
            "`defer d.wg.Done()` right after `d.wg.Add(1)` ({}): {} comes too late for the `return` ({})",
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
        "`wg`, a WaitGroup for which 2 goroutines of m.TestA have not called Done: they wait in a circle"
    );
    assert!(
        wait.notes.iter().any(|note| note.starts_with("lock cycle: ")),
        "{wait:?}"
    );
    assert_eq!(wait.fix, "take the locks in the same order everywhere");
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

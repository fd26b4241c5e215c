//! Ways that a function or goroutine takes: it returns before it gets to a close, sends twice, or reads only after it has written.

use super::kind::{all, goroutine, line, of, only, words};
use crate::leak::*;

/// The cause of a goroutine that `watch` starts and that waits for `gone`, by the rest of `watch`.
fn watched(wait: &str, rest: &str) -> (Cause, String) {
    let source = format!(
        "package m\nfunc watch(n int) {{\n\tgone := make(chan int)\n\tgo func() {{ // go 21\n\t\t{wait} // 21\n\t}}()\n{rest}}}\nfunc TestA() {{ watch(0) }}\n"
    );
    let dump = goroutine(21, "chan receive", "", "m.watch.func1", &source)
        .replace("created by m.TestA", "created by m.watch");
    (of(&all(&dump, &source), "m.watch.func1").clone(), source)
}

#[test]
fn a_return_before_the_close_is_named() {
    let rest = "\tif n == 0 {\n\t\treturn // early\n\t}\n\tprintln()\n\tclose(gone) // close\n";
    let (cause, source) = watched("for range gone {}", rest);
    let (early, close) = (line(&source, "// early"), line(&source, "// close"));
    assert_eq!(
        cause.waits_for,
        format!(
            "the next value of `gone`: watch may return (line {early}) before it gets to `close(gone)` (line {close})"
        )
    );
    assert_eq!(
        cause.fix,
        format!(
            "`close(gone)` before the `return` (line {early}) too: `defer close(gone)` in place of the one that comes later (line {close})"
        )
    );
    for over in [
        "\tif n == 0 {\n\t\tclose(gone)\n\t\treturn // early\n\t}\n\tclose(gone) // close\n",
        "\tdefer close(gone)\n\tif n == 0 {\n\t\treturn // early\n\t}\n",
    ] {
        let (cause, _) = watched("for range gone {}", over);
        assert!(!cause.waits_for.contains("may return"), "{over}: {cause:?}");
    }
}

#[test]
fn a_goroutine_that_is_to_close_and_is_started_only_behind_a_return_is_named() {
    let rest =
        "\tif n == 0 {\n\t\treturn // early\n\t}\n\tgo func() { // starts\n\t\tdefer close(gone)\n\t}()\n";
    let (cause, source) = watched("<-gone", rest);
    let early = line(&source, "// early");
    assert!(
        cause.waits_for.contains(&format!(
            "watch may return (line {early}) before it gets to `close(gone)`"
        )),
        "{cause:?}"
    );
    assert!(
        cause.fix.starts_with(&format!(
            "start this goroutine only behind the `return` (line {early})"
        )),
        "{cause:?}"
    );
}

#[test]
fn a_second_send_where_one_value_is_taken_is_named() {
    let source = |worker: &str, receive: &str| {
        format!(
            "package m\nfunc get(bad bool) error {{\n\tres := make(chan error)\n\tgo func() {{ // go 21\n{worker}\t}}()\n\t{receive} // takes\n}}\nfunc TestA() {{ get(true) }}\n"
        )
    };
    let cause = |source: &str, func: &str| {
        let dump =
            goroutine(21, "chan send", "", func, source).replace("created by m.TestA", "created by m.get");
        of(&all(&dump, source), func).clone()
    };
    let twice = source(
        "\t\tif bad {\n\t\t\tres <- errBad // first\n\t\t}\n\t\tres <- nil // 21\n",
        "return <-res",
    );
    let (first, takes) = (line(&twice, "// first"), line(&twice, "// takes"));
    let found = cause(&twice, "m.get.func1");
    assert_eq!(
        found.waits_for,
        format!(
            "a receiver on `res`, from which one value is taken (line {takes}): this goroutine may send two, the first at line {first}"
        )
    );
    assert_eq!(
        found.fix,
        format!("send once: `return` after the send at line {first}, or leave that send to the later one")
    );
    let deferred = source(
        "\t\tvar err error\n\t\tdefer func() { res <- err }() // 21\n\t\tif bad {\n\t\t\tres <- errBad // first\n\t\t\treturn\n\t\t}\n",
        "return <-res",
    );
    let found = cause(&deferred, "m.get.func1.1");
    assert!(found.waits_for.contains("may send two"), "{found:?}");
    for other in [
        source(
            "\t\tif bad {\n\t\t\tres <- errBad // first\n\t\t\treturn\n\t\t}\n\t\tres <- nil // 21\n",
            "return <-res",
        ),
        source(
            "\t\tif bad {\n\t\t\tres <- errBad // first\n\t\t}\n\t\tres <- nil // 21\n",
            "for err := range res { return err }; return nil",
        ),
    ] {
        let found = cause(&other, "m.get.func1");
        assert!(!found.waits_for.contains("may send two"), "{other}: {found:?}");
    }
}

#[test]
fn what_only_a_constructor_makes_is_nil_where_the_test_does_not_call_it() {
    let source = |test: &str| {
        format!(
            "package m\ntype view struct {{\n\tframes, done chan int\n}}\nfunc newView() *view {{ // maker\n\tv := &view{{}}\n\tv.frames = make(chan int)\n\tv.done = make(chan int)\n\treturn v\n}}\nfunc (v *view) work() {{\n\tfor {{\n\t\tselect {{ // 21\n\t\tcase <-v.frames:\n\t\tcase <-v.done:\n\t\t\treturn\n\t\t}}\n\t}}\n}}\nfunc TestA() {{\n\t{test}\n\tgo v.work() // go 21\n}}\n"
        )
    };
    let cause = |source: &str| {
        let dump = goroutine(21, "select", "", "m.(*view).work", source);
        of(&all(&dump, source), "m.(*view).work").clone()
    };
    let found = cause(&source("v := &view{}"));
    assert_eq!(found.code, CauseCode::NilChannel, "{found:?}");
    assert_eq!(found.fix, "make the view with `newView` (line 5)");
    let found = cause(&source("v := newView()"));
    assert_ne!(found.code, CauseCode::NilChannel, "{found:?}");
}

#[test]
fn a_stop_that_does_not_close_a_channel_is_to_close_it() {
    let source = |stop: &str| {
        format!(
            "package m\ntype hub struct {{\n\tin, gone chan int\n}}\nfunc (h *hub) work() {{\n\tfor {{\n\t\tselect {{ // 21\n\t\tcase <-h.in:\n\t\tcase <-h.gone:\n\t\t\treturn\n\t\t}}\n\t}}\n}}\n{stop}func TestA() {{\n\th := &hub{{in: make(chan int), gone: make(chan int)}}\n\tgo h.work() // go 21\n\th.in <- 1\n}}\n"
        )
    };
    let fix = |source: &str| {
        let dump = goroutine(21, "select", "", "m.(*hub).work", source);
        of(&all(&dump, source), "m.(*hub).work").fix.clone()
    };
    assert_eq!(
        fix(&source("func (h *hub) Stop() { println() }\n")),
        "let `Stop` of the hub (line 14) close `gone`, and call that when the test is done"
    );
    let called = source("func (h *hub) Stop() { println() }\n").replace("\th.in <- 1\n", "\th.Stop()\n");
    assert_eq!(fix(&called), "let `Stop` of the hub (line 14) close `gone`");
    assert!(fix(&source("")).contains("give the hub a Close or Stop method"));
}

#[test]
fn takers_of_a_count_one_by_one_that_wait_for_each_other_are_to_take_it_at_once() {
    let source = "package m\ntype gpu struct{ units chan int }\nfunc (g *gpu) with(n int, f func()) {\n\tfor range n {\n\t\t<-g.units // 21\n\t}\n\tf()\n\tfor range n {\n\t\tg.units <- 1\n\t}\n}\nfunc TestA() {\n\tg := &gpu{units: make(chan int, 2)}\n\tg.units <- 1\n\tg.units <- 1\n\tgo g.with(2, nil) // go 21\n\tgo g.with(2, nil) // second\n}\n";
    let first = goroutine(21, "chan receive", "", "m.(*gpu).with", source);
    let second = first.replace("goroutine 21", "goroutine 22").replace(
        &format!("x.go:{} +0x2", line(source, "// go 21")),
        &format!("x.go:{} +0x2", line(source, "// second")),
    );
    let found = of(&all(&(first + &second), source), "m.(*gpu).with").clone();
    assert!(words(&found).contains("cycle of waits"), "{found:?}");
    assert!(
        found
            .fix
            .starts_with("take all that one of them needs from `g.units` under a lock of its own"),
        "{found:?}"
    );
}

#[test]
fn a_wait_before_the_receive_names_the_channel() {
    let source = "package m\nimport \"sync\"\nfunc ask(n int) {\n\tvotes := make(chan int)\n\tvar wg sync.WaitGroup\n\tfor range n {\n\t\twg.Add(1)\n\t\tgo func() { // go 22\n\t\t\tdefer wg.Done()\n\t\t\tvotes <- 1 // 22\n\t\t}()\n\t}\n\twg.Wait() // 21\n\tclose(votes)\n\tfor range votes {\n\t}\n}\nfunc TestA() {\n\tgo ask(1) // go 21\n}\n";
    const GROUP: &str = "sync.runtime_SemacquireWaitGroup(0x1)\n\t/go/src/runtime/sema.go:1 +0x1\nsync.(*WaitGroup).Wait(0x1)\n\t/go/src/sync/waitgroup.go:1 +0x1\n";
    let dump = goroutine(21, "sync.WaitGroup.Wait", GROUP, "m.ask", source)
        + &goroutine(22, "chan send", "", "m.ask.func1", source).replace(
            "created by m.TestA in goroutine 10",
            "created by m.ask in goroutine 21",
        );
    let found = of(&all(&dump, source), "m.ask").clone();
    assert_eq!(
        found.waits_for,
        "`wg`, a WaitGroup for which a goroutine of m.ask has not called Done: that waits for a receive from `votes` (x.go:10), to which this one comes only after its own wait"
    );
    assert_eq!(
        found.fix,
        "`go func() { wg.Wait(); close(votes) }()` in place of both (from x.go:13), so that the loop over `votes` (x.go:15) receives meanwhile, or give `votes` room for every send",
        "{found:?}"
    );
    // One receive does not need the close.
    let one = source.replace("\tclose(votes)\n\tfor range votes {\n\t}\n", "\t<-votes\n");
    let found = of(&all(&dump, &one), "m.ask").clone();
    assert_eq!(
        found.fix, "receive from `votes` before the Wait (x.go:13), or give `votes` room for every send",
        "{found:?}"
    );
}

#[test]
fn a_worker_whose_line_begins_another_literal_is_known_for_what_it_is() {
    let source = "package m\nimport \"sync\"\nfunc ask(n int) {\n\tvotes := make(chan error)\n\tvar wg sync.WaitGroup\n\tfor range n {\n\t\twg.Go(func() { // go 22\n\t\t\tvotes <- retry(2, func() error { // here\n\t\t\t\treturn nil\n\t\t\t})\n\t\t})\n\t}\n\twg.Wait() // 21\n\tclose(votes)\n\tfor range votes {\n\t}\n}\nfunc TestA() {\n\tgo ask(1) // go 21\n}\n";
    const GROUP: &str = "sync.runtime_SemacquireWaitGroup(0x1)\n\t/go/src/runtime/sema.go:1 +0x1\nsync.(*WaitGroup).Wait(0x1)\n\t/go/src/sync/waitgroup.go:1 +0x1\n";
    let worker = format!(
        "goroutine 22 [chan send]:\nm.ask.func1()\n\t/m/x.go:{} +0x1\nsync.(*WaitGroup).Go.func1()\n\t/go/src/sync/waitgroup.go:258 +0x1\ncreated by sync.(*WaitGroup).Go in goroutine 21\n\t/go/src/sync/waitgroup.go:238 +0x2\n\n",
        line(source, "// here")
    );
    let dump = goroutine(21, "sync.WaitGroup.Wait", GROUP, "m.ask", source) + &worker;
    let found = of(&all(&dump, source), "m.ask").clone();
    assert!(
        found
            .fix
            .starts_with("`go func() { wg.Wait(); close(votes) }()` in place of both"),
        "{found:?}"
    );
}

#[test]
fn a_context_is_not_made_nil_by_what_another_way_drops() {
    let cause = only(
        "chan receive (nil chan)",
        "package m\nimport \"context\"\nfunc work(ctx context.Context) {\n\t<-ctx.Done() // 21\n}\nfunc TestA(t *testing.T) {\n\tgo work(context.WithoutCancel(t.Context())) // go 21\n}\n",
    );
    assert!(
        cause.fix.contains("context that the test can cancel"),
        "{cause:?}"
    );
}

//! Loops that go round with time and have the end at hand at which they do not look.

use super::kind::{all, goroutine, line, of};
use crate::leak::*;

/// The cause of the loop in `func`, which `creator` starts.
fn judge(source: &str, func: &str, creator: &str) -> Cause {
    let (state, above) = match source.contains("time.Sleep(") {
        true => ("sleep", "time.Sleep(0x1)\n\t/go/src/runtime/time.go:1 +0x1\n"),
        false if source.contains("select { // 21") => ("select", ""),
        false => ("chan receive", ""),
    };
    let dump = goroutine(21, state, above, func, source)
        .replace("created by m.TestA", &format!("created by {creator}"));
    of(&all(&dump, source), func).clone()
}

/// A poller with a loop of its own.
fn poller(head: &str, body: &str) -> String {
    format!(
        "package m\nimport (\"context\"; \"testing\"; \"time\")\ntype poller struct{{\n\tdone chan struct{{}}\n\tticks *time.Ticker\n}}\nfunc start() *poller {{\n\tp := &poller{{make(chan struct{{}}), time.NewTicker(time.Second)}}\n\tgo p.work() // go 21\n\treturn p\n}}\nfunc (p *poller) work() {{\n\t{head}\n\t\t{body}\n\t}}\n}}\nfunc (p *poller) Stop() {{ close(p.done) }} // closes\nfunc TestA(t *testing.T) {{\n\tp := start()\n\tdefer p.Stop()\n}}\n"
    )
}

#[test]
fn a_loop_of_a_type_that_does_not_look_at_what_its_stop_closes_is_to_do_that() {
    for (head, body, fact, fix) in [
        (
            "for {",
            "look()\n\t\ttime.Sleep(time.Second) // 21",
            "it does not look at `p.done`, which Stop closes (line CLOSES)",
            "select on `time.After(time.Second)` and `<-p.done` in place of `time.Sleep(time.Second)` (line AT), and return on the latter",
        ),
        (
            "for range p.ticks.C { // 21",
            "look()",
            "its loop does not look at `p.done`, which Stop closes (line CLOSES)",
            "select between the tick and `<-p.done`, and return on the latter",
        ),
        (
            "for {",
            "select { // 21\n\t\tcase <-time.After(time.Second):\n\t\t\tlook()\n\t\t}",
            "its loop does not look at `p.done`, which Stop closes (line CLOSES)",
            "add `case <-p.done: return` to the select",
        ),
    ] {
        let source = poller(head, body);
        let found = judge(&source, "m.(*poller).work", "m.start");
        let (closes, at) = (line(&source, "// closes"), line(&source, "// 21"));
        let told = |text: &str| {
            text.replace("CLOSES", &closes.to_string())
                .replace("AT", &at.to_string())
        };
        assert!(
            found.waits_for.ends_with(&format!("; {}", told(fact))),
            "{found:?}"
        );
        assert_eq!(found.fix, told(fix));
    }
}

#[test]
fn a_loop_whose_stop_the_test_does_not_call_is_not_to_look_at_that() {
    let source =
        poller("for {", "look()\n\t\ttime.Sleep(time.Second) // 21").replace("\tdefer p.Stop()\n", "");
    let found = judge(&source, "m.(*poller).work", "m.start");
    assert!(!found.waits_for.contains("does not look"), "{found:?}");
}

/// A function with a context, which starts a loop.
fn follow(body: &str, test: &str) -> String {
    format!(
        "package m\nimport (\"context\"; \"testing\"; \"time\")\nfunc follow(ctx context.Context, out chan int) {{\n\tgo func() {{ // go 21\n\t\tfor {{\n\t\t\t{body}\n\t\t}}\n\t}}()\n}}\nfunc TestA(t *testing.T) {{\n\t{test}\n}}\n"
    )
}

const CANCELS: &str =
    "ctx, cancel := context.WithCancel(context.Background())\n\tdefer cancel()\n\tfollow(ctx, nil)";
const SLEEPS: &str = "look()\n\t\t\ttime.Sleep(time.Second) // 21";

#[test]
fn a_loop_that_has_a_context_is_to_look_at_it() {
    for test in [CANCELS, "follow(t.Context(), nil)"] {
        let source = follow(SLEEPS, test);
        let found = judge(&source, "m.follow.func1", "m.follow");
        assert!(
            found
                .waits_for
                .ends_with("; it does not look at `ctx`, which follow is given"),
            "{test}: {found:?}"
        );
        assert_eq!(
            found.fix,
            "select on `time.After(time.Second)` and `<-ctx.Done()` in place of `time.Sleep(time.Second)` (line 7), and return on the latter"
        );
    }
    let source = follow(SLEEPS, "follow(context.Background(), nil)");
    let found = judge(&source, "m.follow.func1", "m.follow");
    assert!(!found.waits_for.contains("does not look"), "{found:?}");
}

#[test]
fn a_continue_that_goes_round_without_the_look_of_the_other_way_is_named() {
    let body = "n, ok := read()\n\t\t\tif !ok {\n\t\t\t\ttime.Sleep(time.Second) // 21\n\t\t\t\tcontinue // round\n\t\t\t}\n\t\t\tselect {\n\t\t\tcase out <- n:\n\t\t\tcase <-ctx.Done(): // looks\n\t\t\t\treturn\n\t\t\t}";
    let source = follow(body, CANCELS);
    let found = judge(&source, "m.follow.func1", "m.follow");
    assert!(
        found.waits_for.ends_with(&format!(
            "; the `continue` (line {}) goes round without a look at `<-ctx.Done()` (line {})",
            line(&source, "// round"),
            line(&source, "// looks")
        )),
        "{found:?}"
    );
    assert!(
        found
            .fix
            .starts_with("select on `time.After(time.Second)` and `<-ctx.Done()` in place of"),
        "{found:?}"
    );
}

#[test]
fn a_look_at_a_context_that_comes_only_between_two_sleeps_is_named() {
    let body = "if ctx.Err() != nil {\n\t\t\t\treturn\n\t\t\t}\n\t\t\ttime.Sleep(time.Hour) // 21";
    let found = judge(&follow(body, CANCELS), "m.follow.func1", "m.follow");
    assert!(
        found
            .waits_for
            .ends_with("; it looks at `ctx` (line 6) only between two sleeps"),
        "{found:?}"
    );
    assert!(
        found
            .fix
            .starts_with("select on `time.After(time.Hour)` and `<-ctx.Done()` in place of"),
        "{found:?}"
    );
    let found = judge(
        &follow(body, "follow(context.Background(), nil)"),
        "m.follow.func1",
        "m.follow",
    );
    assert!(!found.waits_for.contains("between two"), "{found:?}");
}

#[test]
fn a_send_in_a_loop_that_asks_its_context_only_between_two_sends_is_to_be_a_case_beside_that() {
    const SEND: &str = "out <- 1 // 21\n\t\t\tif ctx.Err() != nil { // asks\n\t\t\t\treturn\n\t\t\t}";
    let send = |body: &str, test: &str| {
        let source = follow(body, &test.replace("nil", "make(chan int)"));
        let dump = goroutine(21, "chan send", "", "m.follow.func1", &source)
            .replace("created by m.TestA", "created by m.follow");
        (
            of(&all(&dump, &source), "m.follow.func1").clone(),
            line(&source, "// 21"),
        )
    };
    let (found, at) = send(SEND, CANCELS);
    assert!(
        found.waits_for.ends_with(&format!(
            "; it looks at `ctx` (line {}) only between two sends",
            at + 1
        )),
        "{found:?}"
    );
    assert_eq!(
        found.fix,
        "select the send against `<-ctx.Done()`, and return on that"
    );
    let (found, _) = send("out <- 1 // 21", CANCELS);
    assert!(
        found
            .waits_for
            .ends_with("; it does not look at `ctx`, which follow is given"),
        "{found:?}"
    );
    assert_eq!(
        found.fix,
        "select the send against `<-ctx.Done()`, and return on that"
    );
    // What never comes is no way out.
    let (found, _) = send(SEND, "follow(context.Background(), nil)");
    assert!(!found.waits_for.contains("ctx"), "{found:?}");
}

#[test]
fn a_range_that_looks_for_its_end_only_between_two_values_is_to_be_a_select() {
    let source = |test: &str| {
        format!(
            "package m\nimport (\"context\"; \"testing\")\ntype poller struct {{\n\tticks chan int\n\tcancel context.CancelFunc\n}}\nfunc start() *poller {{\n\tctx, cancel := context.WithCancel(context.Background())\n\tp := &poller{{ticks: make(chan int), cancel: cancel}}\n\tgo p.work(ctx) // go 21\n\treturn p\n}}\nfunc (p *poller) work(ctx context.Context) {{\n\tfor range p.ticks {{ // 21\n\t\tselect {{\n\t\tcase <-ctx.Done(): // looks\n\t\t\treturn\n\t\tdefault:\n\t\t}}\n\t}}\n}}\nfunc (p *poller) Tick() {{ p.ticks <- 1 }}\nfunc (p *poller) Close() {{ p.cancel() }}\nfunc TestA(t *testing.T) {{\n\tp := start()\n\tp.Tick()\n\t{test}\n}}\n"
        )
    };
    let text = source("p.Close()");
    let found = judge(&text, "m.(*poller).work", "m.start");
    assert_eq!(
        found.waits_for,
        format!(
            "the next value of `p.ticks`, which is never closed; it looks at `<-ctx.Done()` (line {}) only between two values",
            line(&text, "// looks")
        )
    );
    assert_eq!(
        found.fix,
        format!(
            "select between `p.ticks` and `<-ctx.Done()` in place of the `range` (line {}), and return on the latter",
            line(&text, "// 21")
        )
    );
    // A look that is left for another statement does not end the loop.
    let goes_on = text.replace("\t\t\treturn\n", "\t\t\tbreak\n");
    let found = judge(&goes_on, "m.(*poller).work", "m.start");
    assert!(!found.waits_for.contains("between two"), "{found:?}");
}

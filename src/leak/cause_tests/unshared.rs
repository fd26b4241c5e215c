//! Causes of sends on a channel that nothing else has: before it is handed on, or where its caller drops it.

use super::kind::{goroutine, line, of, only, words};
use crate::leak::*;

fn early(before: &str, send: &str) -> (String, Cause) {
    let source = format!(
        "package m\ntype box struct {{ out chan error }}\nfunc look() error {{ return nil }}\nfunc drain(c chan error) {{ <-c }}\nfunc work() <-chan error {{\n\tout := make(chan error) // made\n{before}\n{send}\n\treturn out // next\n}}\nfunc TestA() {{\n\tgo work() // go 21\n}}\n"
    );
    let cause = only("chan send", &source);
    (source, cause)
}

const SEND: &str = "\tif err := look(); err != nil {\n\t\tout <- err // 21\n\t}";

#[test]
fn a_send_before_the_function_hands_the_channel_on_is_named() {
    let (source, cause) = early("", SEND);
    let at = |mark: &str| format!("line {}", line(&source, mark));
    assert_eq!(
        cause.waits_for,
        format!(
            "a receiver on `out`, which nothing else has yet: work hands it on only after this send ({})",
            at("// next")
        )
    );
    assert_eq!(
        cause.fix,
        format!(
            "give it room for the value: `make(chan error, 1)` ({})",
            at("// made")
        )
    );
}

#[test]
fn what_another_one_may_have_already_is_not_said_to_be_unshared() {
    for (before, send) in [
        ("\tgo drain(out)", SEND),
        ("\tkept := &box{out: out}\n\tdefer drain(kept.out)", SEND),
        (
            "\tfor range 2 {",
            "\t\tout <- look() // 21\n\t\tgo drain(out)\n\t}",
        ),
    ] {
        let (_, cause) = early(before, send);
        assert!(
            !cause.waits_for.contains("nothing else has"),
            "{before}: {cause:?}"
        );
    }
}

fn dropped(kept: &str, call: &str) -> (String, Cause) {
    let source = format!(
        "package m\nvar last chan error\nfunc start(f func() error) chan error {{\n\tch := make(chan error) // made\n\tgo func() {{ // go 21\n\t\tch <- f() // 21\n\t}}()\n{kept}\n\treturn ch\n}}\nfunc TestA() {{\n{call}\n}}\n"
    );
    let dump = goroutine(21, "chan send", "", "m.start.func1", &source);
    let cause = of(&super::kind::all(&dump, &source), "m.start.func1").clone();
    (source, cause)
}

#[test]
fn a_channel_that_the_caller_drops_is_named_with_the_call() {
    let (source, cause) = dropped("", "\tstart(func() error { return nil }) // drops");
    let at = |mark: &str| format!("line {}", line(&source, mark));
    assert_eq!(
        cause.waits_for,
        format!(
            "a receiver on `ch`, which start returns: its call ({}) drops it, and nothing else has it",
            at("// drops")
        )
    );
    assert_eq!(
        cause.fix,
        format!(
            "receive from what `start` returns ({}), or give it room for the value: `make(chan error, 1)` ({})",
            at("// drops"),
            at("// made")
        )
    );
}

#[test]
fn a_channel_that_is_kept_elsewhere_or_by_a_caller_is_not_dropped() {
    for (kept, call) in [
        ("\tlast = ch", "\tstart(func() error { return nil })"),
        (
            "",
            "\terrs := start(func() error { return nil })\n\tif len(errs) > 0 {\n\t\t<-errs\n\t}",
        ),
        (
            "",
            "\tstart(func() error { return nil })\n\tkeep := start(func() error { return nil })\n\t<-keep",
        ),
    ] {
        let (_, cause) = dropped(kept, call);
        assert!(!words(&cause).contains("drops it"), "{kept} {call}: {cause:?}");
    }
}

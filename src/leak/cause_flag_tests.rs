//! Causes that hang on a variable: a loop that a case leaves by a flag, and what a loop around a Cond's Wait asks for.

use super::cause_kind_tests::{all, goroutine, line, only, words};
use super::*;

/// A loop over a select, whose case for `h.stop` has these statements, with these around.
fn loops(head: &str, before: &str, case: &str, after: &str) -> String {
    format!(
        "package m\ntype hub struct {{\n\tin   chan int\n\tstop chan struct{{}}\n\tover bool\n}}\nfunc open() *hub {{\n\th := &hub{{in: make(chan int), stop: make(chan struct{{}})}}\n\tgo work(h) // go 21\n\treturn h\n}}\nfunc work(h *hub) {{\n\tdone, busy := false, true\n\t{head} {{\n{before}\t\tselect {{ // 21\n\t\tcase v := <-h.in:\n\t\t\tuse(v)\n\t\tcase <-h.stop:\n{case}\t\t}}\n{after}\t}}\n}}\nfunc (h *hub) Add() {{ h.in <- 1 }}\nfunc (h *hub) Close() {{ close(h.stop) }}\nfunc TestA(t *testing.T) {{ open().Add() }}\n"
    )
}

#[test]
fn a_case_that_sets_the_flag_of_its_loop_ends_it() {
    for source in [
        loops(
            "for",
            "\t\tif done {\n\t\t\treturn\n\t\t}\n",
            "\t\t\tdone = true\n",
            "",
        ),
        loops(
            "for",
            "",
            "\t\t\tdone = true\n",
            "\t\tif done || v > 3 {\n\t\t\tbreak\n\t\t}\n",
        ),
        loops(
            "for",
            "",
            "\t\t\tbusy = false\n",
            "\t\tif !busy {\n\t\t\treturn\n\t\t}\n",
        ),
        loops("for !done", "", "\t\t\tdone = true\n", ""),
        loops("for busy && !h.over", "", "\t\t\tbusy = false\n", ""),
        loops("for !h.over", "", "\t\t\th.over = true\n", ""),
    ] {
        let cause = only("select", &source);
        assert!(!words(&cause).contains("ends its loop"), "{source}\n{cause:?}");
        let close = line(&source, "func (h *hub) Close()");
        assert!(
            cause
                .fix
                .starts_with(&format!("call `Close` of the hub (x.go:{close})")),
            "{source}\n{cause:?}"
        );
    }
}

#[test]
fn a_case_that_may_end_its_loop_in_what_it_calls_or_counts_is_not_said_to_end_none() {
    for source in [
        loops("for !h.over", "", "\t\t\th.end()\n", ""),
        loops("for n := 0; n < 3; n++", "", "\t\t\tprintln()\n", ""),
        loops(
            "for",
            "\t\tif h.over {\n\t\t\treturn\n\t\t}\n",
            "\t\t\th.end()\n",
            "",
        ),
    ] {
        let cause = only("select", &source);
        assert!(!words(&cause).contains("ends its loop"), "{source}\n{cause:?}");
        assert!(!cause.fix.contains("`return` in the case"), "{source}\n{cause:?}");
    }
}

#[test]
fn a_case_that_sets_what_its_loop_does_not_ask_for_lacks_a_return() {
    for case in ["\t\t\tdone = true\n", "\t\t\tdone = false\n", ""] {
        let ends = match case.contains("false") {
            true => "\t\tif done {\n\t\t\treturn\n\t\t}\n",
            false => "",
        };
        let source = loops("for", ends, case, "");
        let cause = only("select", &source);
        if ends.is_empty() {
            assert!(
                cause.waits_for.ends_with("none of them ends its loop"),
                "{cause:?}"
            );
            assert!(
                cause.fix.starts_with("`return` in the case `<-h.stop`"),
                "{cause:?}"
            );
        } else {
            assert!(!cause.fix.contains("call `Close`"), "{cause:?}");
        }
    }
}

/// A plugin that a goroutine waits for in a loop that asks for `CHECK`.
fn plugin(check: &str, fields: &str, others: &str, test: &str) -> String {
    format!(
        "package m\nimport \"sync\"\ntype Manifest struct{{}}\ntype Plugin struct {{\n\tmu   sync.Mutex\n\tcond *sync.Cond\n{fields}}}\nfunc work(p *Plugin) error {{\n\tp.mu.Lock()\n\tdefer p.mu.Unlock()\n\tfor {check} {{\n\t\tp.cond.Wait() // 21\n\t}}\n\treturn nil\n}}\n{others}\nfunc TestA() {{\n\tp := &Plugin{{}}\n\tp.cond = sync.NewCond(&p.mu)\n{test}\tgo work(p) // go 21\n}}\n"
    )
}

fn of_plugin(source: &str) -> Cause {
    let above = "sync.(*Cond).Wait(0xc000010000)\n\t/go/src/sync/cond.go:71 +0x1\n";
    let dump = goroutine(21, "sync.Cond.Wait", above, "m.work", source);
    all(&dump, source).remove(0).cause
}

#[test]
fn a_condition_that_nothing_makes_true_is_named() {
    let reset = "func reset(p *Plugin) { p.active = false } // keeps";
    let source = plugin("!p.active", "\tactive bool\n", reset, "\treset(p)\n");
    let found = of_plugin(&source);
    let (check, keeps) = (line(&source, "for !p.active"), line(&source, "// keeps"));
    assert_eq!(
        found.waits_for,
        format!(
            "a Signal or Broadcast on `p.cond`, in a loop that goes on while `!p.active` (line {check}): the only change of `active` of the Plugin (`p.active = false`, line {keeps}) keeps it so, and neither is called"
        )
    );
    assert_eq!(
        found.fix,
        "change `active` of the Plugin under the lock where that which the loop waits for has come, and call `p.cond.Broadcast()` after it"
    );
    // Behind a method, and with a Broadcast that tells nothing new.
    let ready = "func (p *Plugin) ready() bool { return p.manifest != nil }\nfunc (p *Plugin) wake() { p.cond.Broadcast() }";
    let source = plugin("!p.ready()", "\tmanifest *Manifest\n", ready, "\tp.wake()\n");
    let found = of_plugin(&source);
    assert!(
        found
            .waits_for
            .ends_with("nothing in its package changes `manifest` of the Plugin"),
        "{found:?}"
    );
}

#[test]
fn a_condition_that_something_may_make_true_is_not_said_to_stay() {
    for (check, fields, others) in [
        (
            "!p.active",
            "\tactive bool\n",
            "func (p *Plugin) start() { p.active = true; p.cond.Broadcast() }",
        ),
        (
            "!p.active.Load()",
            "\tactive atomic.Bool\n",
            "func (p *Plugin) start() { p.active.Store(true) }",
        ),
        (
            "p.items.Len() == 0",
            "\titems *list.List\n",
            "func (p *Plugin) put() { p.items.PushBack(1) }",
        ),
        (
            "len(p.items) == 0",
            "\titems []int\n",
            "func (p *Plugin) put() { fill(&p.items) }",
        ),
        (
            "!p.active",
            "\tactive bool\n",
            "func (p *Plugin) load(b []byte) { json.Unmarshal(b, p) }",
        ),
        (
            "!p.active",
            "\tactive bool\n",
            "func (p *Plugin) load() { *p = Plugin{active: true} }",
        ),
        ("p.n < 2", "\tn int\n", "func (p *Plugin) join() { p.n++ }"),
        ("!p.when()", "\twhen func() bool\n", ""),
        (
            "!p.is(p)",
            "",
            "func (p *Plugin) is(o *Plugin) bool { if o == nil { return true }; return false }",
        ),
    ] {
        let found = of_plugin(&plugin(check, fields, others, ""));
        assert!(
            !words(&found).contains("nothing in its package"),
            "{check}: {found:?}"
        );
        assert!(!words(&found).contains("keeps it so"), "{check}: {found:?}");
    }
}

#[test]
fn an_error_that_is_set_in_place_of_what_a_loop_asks_for_is_looked_at_too() {
    let fields = "\terr error\n\tmanifest *Manifest\n";
    let fail = "func (p *Plugin) fail(err error) { p.err = err } // set";
    let source = plugin("p.manifest == nil", fields, fail, "\tp.fail(errBad)\n")
        .replace("return nil\n", "return p.err\n");
    let found = of_plugin(&source);
    let (check, set) = (line(&source, "for p.manifest"), line(&source, "// set"));
    assert_eq!(
        found.waits_for,
        format!(
            "a Signal or Broadcast on `p.cond`, in a loop that goes on while `p.manifest == nil` (line {check}) and does not look at `p.err`, which fail sets (line {set})"
        )
    );
    assert_eq!(
        found.fix,
        format!(
            "let the loop look at `p.err` too: `for p.manifest == nil && p.err == nil` (line {check}), and call `p.cond.Broadcast()` after it is set (line {set})"
        )
    );
    // Where it wakes already, only the look is missing; where the loop looks, nothing is.
    let wakes = source.replace("p.err = err }", "p.err = err; p.cond.Broadcast() }");
    let found = of_plugin(&wakes);
    assert!(
        found.fix.ends_with(&format!("p.err == nil` (line {check})")),
        "{found:?}"
    );
    let looks = source.replace(
        "for p.manifest == nil {",
        "for p.manifest == nil && p.err == nil {",
    );
    let found = of_plugin(&looks);
    assert!(!words(&found).contains("does not look"), "{found:?}");
    // An error that has nothing to do with the wait is none.
    let other = source.replace("return p.err\n", "return nil\n");
    assert!(!words(&of_plugin(&other)).contains("does not look"));
}

//! Causes that hang on a variable: a loop that a case leaves by a flag, and what a loop around a Cond's Wait asks for.

use super::kind::{all, fact_and_fix, goroutine, line, of, only, words};
use crate::leak::*;

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
            "a Signal or Broadcast on `p.cond`, in a loop that goes on while `!p.active` (line {check}): nothing sets `active` of the Plugin to true (`p.active = false`, line {keeps}, is its only change), and nothing calls Signal or Broadcast"
        )
    );
    assert_eq!(
        found.fix,
        "set `active` of the Plugin to true under the lock of `p.cond`, where the loop is to end, and call `p.cond.Broadcast()` after it"
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

/// A channel whose Close sets `closed` and wakes; its loop asks for room.
fn window(check: &str, fields: &str, close: &str) -> String {
    plugin(
        check,
        &format!("\tn int\n\tclosed bool\n{fields}"),
        &format!("func (p *Plugin) add() {{ p.n++; p.cond.Broadcast() }}\nfunc (p *Plugin) Close() {{ p.closed = true; {close} }} // set\nfunc (p *Plugin) Read(b []byte) (int, error) {{ return 0, nil }}"),
        "\tp.Close()\n",
    )
    .replace("return nil\n", "if p.closed {\n\t\treturn errClosed\n\t}\n\treturn nil\n")
}

#[test]
fn a_flag_that_is_set_before_the_wake_is_looked_at_too() {
    let source = window("p.n == 0", "", "p.cond.Broadcast()");
    let found = of_plugin(&source);
    let (check, set) = (line(&source, "for p.n"), line(&source, "// set"));
    assert_eq!(
        found.waits_for,
        format!(
            "a Signal or Broadcast on `p.cond`, in a loop that goes on while `p.n == 0` (line {check}) and does not look at `p.closed`, which Close sets (line {set})"
        )
    );
    assert_eq!(
        found.fix,
        format!("let the loop look at `p.closed` too: `for p.n == 0 && !p.closed` (line {check})")
    );
    // One that is taken back, that wakes no one, or that the function does not ask for is no end of the wait.
    for other in [
        format!("{source}func (p *Plugin) open() {{ p.closed = false }}\n"),
        window("p.n == 0", "", ""),
        source.replace("if p.closed {", "if p.n > 2 {"),
        window("p.n == 0 && !p.closed", "", "p.cond.Broadcast()"),
    ] {
        let found = of_plugin(&other);
        assert!(!words(&found).contains("does not look"), "{other}\n{found:?}");
    }
}

#[test]
fn a_flag_that_stays_is_for_all_that_wait_and_not_for_one() {
    let source = window("p.n == 0 && !p.closed", "", "p.cond.Signal()");
    let found = of_plugin(&source);
    let set = line(&source, "// set");
    assert_eq!(
        found.waits_for,
        format!(
            "a Signal or Broadcast on `p.cond`: Close sets `p.closed` (line {set}), and `p.cond.Signal` (line {set}) wakes one of those that wait"
        )
    );
    assert_eq!(
        found.fix,
        format!(
            "call Broadcast in Close (line {set}) in place of Signal: all that wait are to see `p.closed`"
        )
    );
    // Not where it wakes all, one after the other too, and not where the flag is for one of them.
    for other in [
        window("p.n == 0 && !p.closed", "", "p.cond.Broadcast()"),
        window("p.n == 0 && !p.closed", "", "for range p.n { p.cond.Signal() }"),
        format!("{source}func (p *Plugin) open() {{ p.closed = false }}\n"),
    ] {
        let found = of_plugin(&other);
        assert!(
            !words(&found).contains("in place of Signal"),
            "{other}\n{found:?}"
        );
    }
}

/// The cause of a goroutine that sends in `func`, started by `by`.
fn sends(func: &str, by: &str, source: &str) -> Cause {
    let dump = goroutine(21, "chan send", "", func, source)
        .replace("created by m.TestA", &format!("created by {by}"));
    all(&dump, source).remove(0).cause
}

#[test]
fn a_consumer_that_returns_early_is_named_through_a_type_of_channels() {
    let source = "package m\ntype sink chan<- int\nfunc (out sink) Put(v int) {\n\tout <- v // 21\n}\nfunc TestA() {\n\tch := make(chan int)\n\tgo func() { // take\n\t\tfor v := range ch { // range\n\t\t\tif v > 1 {\n\t\t\t\treturn // early\n\t\t\t}\n\t\t}\n\t}()\n\tgo sink(ch).Put(1) // go 21\n\tclose(ch) // close\n}\n";
    let at = |mark: &str| format!("line {}", line(source, mark));
    let found = sends("m.sink.Put", "m.TestA", source);
    let who = format!("the function of {}", at("// take"));
    assert_eq!(
        found.waits_for,
        format!(
            "a receiver on `out`: no goroutine is in {who}, which receives from it ({}) until it returns ({})",
            at("// range"),
            at("// early")
        )
    );
    assert_eq!(
        found.fix,
        format!(
            "give the channel room for every send, or select the send against a channel that {who} closes when it returns (`defer close(done)`); or let {who} take the rest before its `return` ({}), up to `close(ch)` ({}): `for range ch {{}}`",
            at("// early"),
            at("// close")
        )
    );
}

#[test]
fn a_context_on_which_the_receiver_returns_has_the_name_that_the_sender_gives_it() {
    let source = "package m\nimport \"context\"\nfunc restore(ctx context.Context) {\n\tdone := make(chan int)\n\tgo fill(ctx, done) // go 21\n\tfor range done {\n\t\tselect {\n\t\tcase <-ctx.Done(): // leaves\n\t\t\treturn\n\t\t}\n\t}\n}\nfunc fill(c context.Context, out chan int) {\n\tfor i := 0; i < 9; i++ {\n\t\tout <- i // 21\n\t}\n}\nfunc TestA() { restore(nil) }\n";
    let found = sends("m.fill", "m.restore", source);
    let leaves = line(source, "// leaves");
    let against = format!("select the send against `<-c.Done()`, on which `restore` returns (line {leaves})");
    assert!(found.fix.starts_with(&against), "{found:?}");
    // A name that is taken is no name for another channel.
    let other = source.replace("case <-ctx.Done(): // leaves", "case <-time.After(1):");
    let found = sends("m.fill", "m.restore", &other);
    assert!(
        found
            .fix
            .contains("`restore` closes when it returns (`defer close(quit)`)"),
        "{found:?}"
    );
}

/// A goroutine that sends on `out` of a struct with these fields.
fn owned(fields: &str, room: &str, run: &str, others: &str) -> String {
    format!(
        "package m\nimport \"context\"\ntype watch struct {{\n\tout chan int\n{fields}}}\nfunc open() *watch {{\n\tw := &watch{{out: make(chan int{room})}} // made\n\tgo w.run(nil) // go 21\n\treturn w\n}}\nfunc (w *watch) send(v int) {{\n\tw.out <- v // 21\n}}\nfunc (w *watch) run(all []int) {{\n{run}}}\n{others}\nfunc TestA() {{ open() }}\n"
    )
}

fn owned_sends(source: &str) -> Cause {
    let frame = format!(
        "m.(*watch).run()\n\t/m/x.go:{} +0x1\ncreated by m.open",
        line(source, "// run")
    );
    let dump =
        goroutine(21, "chan send", "", "m.(*watch).send", source).replace("created by m.TestA", &frame);
    all(&dump, source).remove(0).cause
}

#[test]
fn a_send_to_an_owner_is_selected_against_its_own_context_with_room_for_each_value() {
    let fields = "\tctx context.Context\n\tcancel context.CancelFunc\n";
    let stop = "func (w *watch) Stop() { w.cancel() } // stop";
    let source = owned(fields, "", "\tw.send(1) // run\n", stop);
    let found = owned_sends(&source);
    let (made, stops) = (line(&source, "// made"), line(&source, "// stop"));
    let against = format!(
        "select the send against `<-w.ctx.Done()`, which Stop of the watch (line {stops}) cancels, and return on that"
    );
    assert_eq!(
        found.fix,
        format!("give `out` room for the value (line {made}), or {against}")
    );
    let each = owned(
        fields,
        "",
        "\tfor _, v := range all { // loop\n\t\tw.send(v) // run\n\t}\n",
        stop,
    );
    let found = owned_sends(&each);
    let (made, around, stops) = (
        line(&each, "// made"),
        line(&each, "// loop"),
        line(&each, "// stop"),
    );
    assert!(
        found.fix.starts_with(&format!(
            "give `out` room for each value that the loop sends (line {made}, loop at line {around}), or select"
        )),
        "{found:?}"
    );
    assert!(
        found.fix.contains(&format!("(line {stops}) cancels")),
        "{found:?}"
    );
    // Each round another channel.
    let other = owned(
        fields,
        "",
        "\tfor _, o := range []*watch{w} {\n\t\to.send(1) // run\n\t}\n",
        stop,
    );
    assert!(
        owned_sends(&other)
            .fix
            .starts_with("give `out` room for the value"),
        "{other}"
    );
    // No room is enough for a loop without an end.
    let endless = owned(fields, "", "\tfor {\n\t\tw.send(1) // run\n\t}\n", stop);
    assert!(
        owned_sends(&endless).fix.starts_with("select the send"),
        "{endless}"
    );
}

#[test]
fn a_method_that_takes_what_is_left_and_that_nothing_calls_is_to_be_called() {
    let drain = "func (w *watch) closed() { // closed\n\tselect {\n\tcase <-w.out:\n\tdefault:\n\t}\n}";
    let source = owned("", ", 1", "\tw.send(1) // run\n", drain);
    let found = owned_sends(&source);
    assert_eq!(
        fact_and_fix(&found),
        format!(
            "nothing calls `closed` of the watch (line {}), which takes from `out`: call `closed` when the receiver of `out` ends",
            line(&source, "// closed")
        )
    );
    // A type that embeds it has one method that runs in a goroutine.
    let runs = |starts: &str| {
        let runner = format!(
            "type outbox struct {{ watch }}\nfunc (o *outbox) start() {{\n\t{starts}\n}}\nfunc (o *outbox) run() {{}} // runner\nfunc (o *outbox) look() {{}}\n"
        );
        let source = source.clone() + &runner;
        (line(&source, "// runner"), owned_sends(&source).fix)
    };
    let (at, fix) = runs("go o.run()");
    assert_eq!(
        fix,
        format!(
            "call `closed` when the receiver of `out` ends, for example with `defer o.closed()` in run of the outbox (line {at})"
        )
    );
    let counted = source.clone()
        + "type outbox struct { watch }\nfunc (o *outbox) start(wg *sync.WaitGroup) {\n\tgo o.run(wg)\n}\nfunc (o *outbox) run(wg *sync.WaitGroup) { // runner\n\twg.Done() // done\n}\n";
    assert_eq!(
        owned_sends(&counted).fix,
        format!(
            "call `closed` when the receiver of `out` ends, for example with `o.closed()` in run of the outbox (line {}), before `wg.Done()` (line {})",
            line(&counted, "// runner"),
            line(&counted, "// done")
        )
    );
    for starts in ["o.run()", "go o.run()\n\tgo o.look()"] {
        assert!(!runs(starts).1.contains("for example"), "{starts}");
    }
    let called = source.replace("func TestA() { open() }", "func TestA() { open().closed() }");
    assert!(!owned_sends(&called).waits_for.contains("nothing calls"));
}

#[test]
fn a_cancel_function_that_nothing_calls_is_for_the_close_that_exists() {
    let source = "package m\nimport \"context\"\ntype Rows struct{ cancel context.CancelFunc }\nfunc (r *Rows) open(ctx context.Context) {\n\tctx, r.cancel = context.WithCancel(ctx)\n\tgo work(ctx) // go 21\n}\nfunc (r *Rows) close() {} // close\nfunc work(ctx context.Context) {\n\t<-ctx.Done() // 21\n}\nfunc TestA() { (&Rows{}).open(context.Background()) }\n";
    let found = only("chan receive", source);
    assert_eq!(
        fact_and_fix(&found),
        format!(
            "nothing calls `cancel` of the Rows: let `close` of the Rows (line {}) call `cancel`, and call `close` when the test is done",
            line(source, "// close")
        )
    );
    let none = source.replace("func (r *Rows) close() {} // close\n", "");
    assert!(
        only("chan receive", &none)
            .fix
            .contains("give the Rows a Stop or Close method")
    );
}

#[test]
fn a_goroutine_that_returns_before_its_close_is_named() {
    let source = |wait: &str, early: &str| {
        format!(
            "package m\nfunc TestA() {{\n\tch, done := make(chan int), make(chan struct{{}})\n\tgo func() {{ // take\n\t\tfor v := range ch {{\n\t\t\tif v > 1 {{\n\t\t\t\t{early}return // early\n\t\t\t}}\n\t\t}}\n\t\tclose(done) // close\n\t}}()\n\tgo work(done) // go 21\n\tclose(ch)\n}}\nfunc work(done chan struct{{}}) {{\n\t{wait} // 21\n\t}}\n}}\n"
        )
    };
    for (wait, value) in [
        ("if true { <-done", "a value from"),
        ("for range done {", "the next value of"),
    ] {
        let wait = wait.replace("{ <-", "{\n\t<-");
        let source = source(&wait, "");
        let at = |mark: &str| format!("line {}", line(&source, mark));
        let found = only("chan receive", &source);
        assert_eq!(
            found.waits_for,
            format!(
                "{value} `done`: the function of {} may return ({}) before it gets to `close(done)` ({})",
                at("// take"),
                at("// early"),
                at("// close")
            )
        );
        assert_eq!(
            found.fix,
            format!(
                "`defer close(done)` first in the function of {}, in place of the one that comes later ({})",
                at("// take"),
                at("// close")
            )
        );
        let both = source.replace("return // early", "close(done); return // early");
        assert!(
            !words(&only("chan receive", &both)).contains("may return"),
            "{both}"
        );
    }
}

#[test]
fn what_takes_out_of_a_map_that_is_to_be_empty_has_to_wake_those_that_wait_for_that() {
    let source = "package m\nimport (\"sync\"; \"testing\")\ntype conn interface{ Drain() }\ntype server struct {\n\tmu sync.Mutex\n\tcond *sync.Cond\n\topen map[conn]bool\n}\nfunc (s *server) add(c conn) { s.open[c] = true }\nfunc (s *server) remove(c conn) {\n\tdelete(s.open, c) // takes\n}\nfunc (s *server) Stop() {\n\ts.cond.L.Lock()\n\tfor c := range s.open {\n\t\tc.Drain()\n\t}\n\tfor len(s.open) != 0 {\n\t\ts.cond.Wait() // 21\n\t}\n}\nfunc TestA(t *testing.T) {\n\ts := &server{}\n\ts.add(nil)\n\tgo s.Stop() // go 21\n}\n";
    const WAIT: &str = "sync.runtime_notifyListWait(0x1)\n\t/go/src/runtime/sema.go:1 +0x1\nsync.(*Cond).Wait(0x1)\n\t/go/src/sync/cond.go:1 +0x1\n";
    let dump = goroutine(21, "sync.Cond.Wait", WAIT, "m.(*server).Stop", source);
    let found = of(&all(&dump, source), "m.(*server).Stop").clone();
    let takes = line(source, "// takes");
    assert_eq!(
        found.waits_for,
        format!(
            "a Signal or Broadcast on `s.cond`, which nothing calls: remove takes out of `s.open` (line {takes})"
        )
    );
    assert_eq!(
        found.fix,
        format!(
            "call `s.cond.Broadcast()` in remove after it changes `s.open` (line {takes}), under the lock"
        )
    );
}

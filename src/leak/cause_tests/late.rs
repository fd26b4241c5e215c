//! Ends that do not end: behind a return or behind the wait itself, for one of many, for another field, by a finalizer, of a select alone.

use super::kind::{all, fact_and_fix, goroutine, line, of, words};
use crate::leak::judge_tests::{evidence, judged_files, sightings};
use crate::leak::*;

/// The leak in `func`, which `creator` starts.
pub(super) fn leak(source: &str, state: &str, func: &str, creator: &str) -> Cause {
    let dump = goroutine(21, state, "", func, source)
        .replace("created by m.TestA", &format!("created by {creator}"));
    of(&all(&dump, source), func).clone()
}

#[test]
fn a_return_between_a_call_and_the_end_of_its_result_is_named() {
    let source = |body: &str| {
        format!(
            "package m\ntype pool struct{{ tasks chan int }}\nfunc newPool() (*pool, error) {{\n\tp := &pool{{tasks: make(chan int)}}\n\tgo p.work() // go 21\n\treturn p, nil\n}}\nfunc (p *pool) work() {{\n\tfor range p.tasks {{ // 21\n\t}}\n}}\nfunc (p *pool) Stop() {{ close(p.tasks) }}\nfunc TestA(t *testing.T) {{\n{body}}}\n"
        )
        .replace("for range p.tasks { // 21", "for range p.tasks {} // 21")
        .replace("// 21\n\t}\n", "// 21\n")
    };
    let fix = |body: &str| {
        fact_and_fix(&leak(
            &source(body),
            "chan receive",
            "m.(*pool).work",
            "m.newPool",
        ))
    };
    const MADE: &str = "\tp, err := newPool()\n\tif err != nil {\n\t\treturn\n\t}\n";
    let early = "\tif bad {\n\t\treturn\n\t}\n";
    assert_eq!(
        fix(&format!("{MADE}{early}\tdefer p.Stop()\n")),
        "the `return` (x.go:18) comes before `p.Stop()` (x.go:20): `defer p.Stop()` right after the error check of x.go:13, in place of x.go:20"
    );
    let found = fix(&format!("{MADE}\tdefer p.Stop()\n{early}"));
    assert!(!found.contains("comes before"), "{found}");
}

#[test]
fn a_cancel_that_is_deferred_behind_a_return_is_named() {
    let source = "package m\nimport \"context\"\nfunc run(ctx context.Context, bad bool) {\n\tctx, cancel := context.WithCancel(ctx)\n\tgo work(ctx) // go 21\n\tif bad {\n\t\treturn // early\n\t}\n\tdefer cancel()\n}\nfunc work(ctx context.Context) {\n\t<-ctx.Done() // 21\n}\nfunc TestA(t *testing.T) { run(t.Context(), true) }\n";
    let found = leak(source, "chan receive", "m.work", "m.run");
    assert_eq!(
        fact_and_fix(&found),
        "the `return` (line 7) comes before `cancel()` (line 9): `defer cancel()` right after line 4, in place of line 9"
    );
}

#[test]
fn a_close_that_comes_only_after_the_wait_is_named() {
    let source = "package m\ntype feed struct{ c, quit chan int }\nfunc follow() *feed {\n\tf := &feed{make(chan int), make(chan int)}\n\tgo f.work() // go 22\n\treturn f\n}\nfunc (f *feed) work() {\n\tdefer close(f.c)\n\t<-f.quit // 22\n}\nfunc (f *feed) Close() { close(f.quit) }\nfunc TestA(t *testing.T) {\n\tf := follow()\n\tdefer f.Close()\n\tfor range f.c {} // 21\n} // go 21\n";
    let dump = goroutine(21, "chan receive", "", "m.TestA", source)
        .replace("created by m.TestA", "created by testing.(*T).Run")
        .replace("/m/x.go:17 +0x2", "/go/src/testing/testing.go:1 +0x2")
        + &goroutine(22, "chan receive", "", "m.(*feed).work", source)
            .replace("created by m.TestA", "created by m.follow");
    let groups = all(&dump, source);
    let found: Vec<&Group> = groups
        .iter()
        .filter(|group| words(&group.cause).contains("only after this wait"))
        .collect();
    assert!(!found.is_empty(), "{groups:?}");
    assert!(
        fact_and_fix(&found[0].cause).contains("(x.go:15): leave the wait by another way"),
        "{:?}",
        found[0].cause
    );
}

#[test]
fn one_value_ends_one_goroutine_and_none_where_nobody_receives() {
    let source = |close: &str| {
        format!(
            "package m\nimport \"time\"\ntype session struct{{ stop chan struct{{}} }}\nfunc open() *session {{\n\ts := &session{{make(chan struct{{}})}}\n\tgo s.work() // go 21\n\tgo s.work()\n\treturn s\n}}\nfunc (s *session) work() {{\n\ttick := time.NewTicker(time.Second)\n\tfor {{\n\t\tselect {{ // 21\n\t\tcase <-tick.C:\n\t\tcase <-s.stop:\n\t\t\treturn\n\t\t}}\n\t}}\n}}\nfunc (s *session) Close() {{\n\t{close}\n}}\nfunc TestA(t *testing.T) {{\n\ts := open()\n\ts.Close()\n}}\n"
        )
    };
    let fix = |close: &str| fact_and_fix(&leak(&source(close), "select", "m.(*session).work", "m.open"));
    assert_eq!(
        fix("s.stop <- struct{}{}"),
        "`Close` of the session is called (x.go:25), but `s.stop <- struct{}{}` (x.go:21) is one value, which ends one goroutine: `close(s.stop)` in place of `s.stop <- struct{}{}` (x.go:21), which ends all"
    );
    let found = fix("select { case s.stop <- struct{}{}: default: }");
    assert!(
        found.ends_with(
            "is left out while no goroutine receives from it: `close(s.stop)` by a sync.Once of its own, in place of the select (x.go:21): a second close would panic"
        ),
        "{found}"
    );
    // One goroutine finds what was sent before.
    let one = source("select { case s.stop <- struct{}{}: default: }").replace("\tgo s.work()\n", "");
    let found = fact_and_fix(&leak(&one, "select", "m.(*session).work", "m.open"));
    assert!(
        found.ends_with(
            "receives from it: give `s.stop` room for one value (`make(chan struct{}, 1)`, x.go:5): the goroutine then finds it when it comes back to its receive"
        ),
        "{found}"
    );
    let found = fix("for range 2 { s.stop <- struct{}{} }");
    assert!(!found.contains("one value"), "{found}");
}

#[test]
fn what_only_a_finalizer_closes_is_never_closed() {
    let source = "package m\nimport (\"runtime\"; \"time\")\ntype memo struct{ quit chan int }\nfunc newMemo() *memo {\n\tm := &memo{make(chan int)}\n\tgo m.work() // go 21\n\truntime.SetFinalizer(m, func(m *memo) { close(m.quit) }) // final\n\treturn m\n}\nfunc (m *memo) work() {\n\ttick := time.NewTicker(time.Second)\n\tfor {\n\t\tselect { // 21\n\t\tcase <-tick.C:\n\t\tcase <-m.quit:\n\t\t\treturn\n\t\t}\n\t}\n}\nfunc TestA(t *testing.T) { newMemo() }\n";
    let found = leak(source, "select", "m.(*memo).work", "m.newMemo");
    assert!(
        fact_and_fix(&found).starts_with(
            "only `runtime.SetFinalizer` (line 7) closes `quit` of the memo, and that never runs"
        ),
        "{found:?}"
    );
}

#[test]
fn a_context_that_is_made_beside_the_owners_is_to_be_made_from_that() {
    let source = "package m\nimport \"context\"\ntype lessor struct {\n\tctx context.Context\n\tcancel func()\n\tall map[int]*lease\n}\ntype lease struct{ cancel func() }\nfunc newLessor() *lessor {\n\tl := &lessor{all: map[int]*lease{}}\n\tl.ctx, l.cancel = context.WithCancel(context.Background())\n\treturn l\n}\nfunc (l *lessor) Grant() {\n\tctx, cancel := context.WithCancel(context.Background()) // makes\n\tl.all[1] = &lease{cancel}\n\tgo work(ctx) // go 21\n}\nfunc (l *lessor) Revoke(id int) {\n\tif one, ok := l.all[id]; ok {\n\t\tone.cancel()\n\t}\n}\nfunc (l *lessor) Close() { l.cancel() }\nfunc work(ctx context.Context) {\n\t<-ctx.Done() // 21\n}\nfunc TestA(t *testing.T) {\n\tl := newLessor()\n\tdefer l.Close()\n\tl.Grant()\n\tl.Revoke(2)\n}\n";
    let found = leak(source, "chan receive", "m.work", "m.(*lessor).Grant");
    assert_eq!(
        fact_and_fix(&found),
        "it is made from `context.Background()` (line 15), and not from `l.ctx`, which Close cancels: make that context from `l.ctx` (line 15)"
    );
    // A context that the function gets is the one to be made from, too.
    let source = "package m\nimport (\"context\"; \"time\")\nfunc run(ctx context.Context) {\n\tjob, cancel := context.WithTimeout(context.Background(), time.Hour)\n\tgo work(job, cancel) // go 21\n\t<-ctx.Done()\n}\nfunc work(ctx context.Context, cancel func()) {\n\tdefer cancel()\n\t<-ctx.Done() // 21\n}\nfunc TestA(t *testing.T) { run(t.Context()) }\n";
    let found = leak(source, "chan receive", "m.work", "m.run");
    assert_eq!(
        fact_and_fix(&found),
        "it is made from `context.Background()` (line 4), and not from `ctx`, which run is given: make that context from `ctx` (line 4)"
    );
}

#[test]
fn a_break_that_leaves_only_its_select_is_named() {
    let source = |last: &str| {
        format!(
            "package m\nimport \"time\"\ntype pool struct{{ quit chan struct{{}} }}\nfunc (p *pool) work() {{\n\ttick := time.NewTicker(time.Second)\n\tfor {{\n\t\tselect {{ // 21\n\t\tcase <-tick.C:\n\t\tcase <-p.quit:\n\t\t\tprintln()\n\t\t\t{last} // last\n\t\t}}\n\t}}\n}}\nfunc (p *pool) Close() {{ p.quit <- struct{{}}{{}} }}\nfunc TestA(t *testing.T) {{\n\tp := &pool{{make(chan struct{{}})}}\n\tgo p.work() // go 21\n\tp.Close()\n}}\n"
        )
    };
    let cause = |last: &str| leak(&source(last), "select", "m.(*pool).work", "m.TestA");
    let found = cause("break");
    assert_eq!(
        found.fix,
        "`return` in place of the `break` (line 11), or `break` with a label"
    );
    assert!(
        found
            .waits_for
            .ends_with("the `break` in the case `<-p.quit` (line 11) leaves only the select, not the loop"),
        "{found:?}"
    );
    assert!(!words(&cause("return")).contains("leaves only the select"));
}

#[test]
fn who_waits_for_a_place_waits_for_who_did_not_give_it_back_and_not_in_a_circle() {
    let source = "package m\nfunc run(limit int, tasks ...func() error) {\n\tslots := make(chan struct{}, limit)\n\tfor _, task := range tasks {\n\t\tgo func() { // go 21\n\t\t\tslots <- struct{}{} // 21\n\t\t\tif task() != nil {\n\t\t\t\treturn\n\t\t\t}\n\t\t\t<-slots // back\n\t\t}()\n\t}\n}\nfunc TestA(t *testing.T) { run(1, nil, nil, nil) }\n";
    let first = goroutine(21, "chan send", "", "m.run.func1", source)
        .replace("created by m.TestA", "created by m.run");
    let second = first.replace("goroutine 21", "goroutine 22");
    let found = of(&all(&(first + &second), source), "m.run.func1").clone();
    assert!(!words(&found).contains("cycle"), "{found:?}");
    assert_eq!(
        fact_and_fix(&found),
        "the `return` (line 8) comes before the `<-slots` (line 10) that gives its place back: `defer func() { <-slots }()` right after the send, in place of the `<-slots` (line 10)"
    );
}

#[test]
fn a_send_beside_the_loops_own_way_out_is_to_select_on_that() {
    let source = |alone: &str| {
        format!(
            "package m\nimport \"context\"\nfunc watch(ctx context.Context, in chan int) chan int {{\n\tout := make(chan int)\n\tgo func() {{ // go 21\n\t\tfor {{\n\t\t\tselect {{\n\t\t\tcase <-ctx.Done(): // way\n\t\t\t\treturn\n\t\t\tcase v := <-in:\n\t\t\t\t{alone} // 21\n\t\t\t}}\n\t\t}}\n\t}}()\n\treturn out\n}}\nfunc TestA(t *testing.T) {{\n\t<-watch(t.Context(), make(chan int))\n}}\n"
        )
    };
    let source = source("out <- v");
    let found = leak(&source, "chan send", "m.watch.func1", "m.watch");
    assert_eq!(
        fact_and_fix(&found),
        format!(
            "`<-ctx.Done()` ends its loop (line {}), but not this send: select the send against `<-ctx.Done()` too, and return on that",
            line(&source, "// way")
        )
    );
}

#[test]
fn a_stop_that_forgets_one_of_two_servers_names_it() {
    let source = "package m\nimport \"net/http\"\ntype server struct{ public, admin *http.Server }\nfunc (s *server) Start() {\n\tserve(s.public)\n\tserve(s.admin)\n}\nfunc serve(hs *http.Server) {\n\tgo hs.Serve(nil) // serves\n}\nfunc (s *server) Stop() {\n\ts.public.Close()\n}\n";
    let test =
        "package m\nfunc TestA(t *testing.T) {\n\ts := &server{}\n\ts.Start() // leaks\n\ts.Stop()\n}\n";
    let http = "package http\ntype Server struct{}\nfunc (s *Server) Serve(l any) {\n\taccept()\n}\nfunc (s *Server) Close() {}\n";
    let dump = format!(
        "goroutine 21 [IO wait]:\nnet/http.(*Server).Serve()\n\t/go/src/net/http/server.go:4 +0x1\ncreated by m.serve in goroutine 10\n\t/m/x.go:{} +0x2\n[originating from goroutine 10]:\nm.serve(...)\n\t/m/x.go:9 +0x1\nm.(*server).Start(...)\n\t/m/x.go:6 +0x1\nm.TestA(...)\n\t/m/x_test.go:4 +0x1\ncreated by testing.(*T).Run\n\t/go/src/t.go:2 +0x1\n",
        line(source, "// serves")
    );
    let files = [
        ("/m/x.go", source),
        ("/m/x_test.go", test),
        ("/go/src/net/http/server.go", http),
    ];
    let found = judged_files(&evidence(sightings(&dump)), &files).remove(0).cause;
    assert_eq!(found.code, CauseCode::ServerNotClosed, "{found:?}");
    assert_eq!(
        fact_and_fix(&found),
        "Stop (x.go:11) does not end `admin`, for which this goroutine runs: end `admin` in Stop (x.go:11) too"
    );
}

#[test]
fn a_constructor_that_leaves_a_field_out_names_that_and_not_another_constructor() {
    let source = "package m\ntype batch struct{ in, done chan int }\nfunc plain() *batch {\n\tb := &batch{in: make(chan int)} // lacks\n\tgo b.work() // go 21\n\treturn b\n}\nfunc timed() *batch {\n\treturn &batch{in: make(chan int), done: make(chan int)}\n}\nfunc (b *batch) work() {\n\tfor {\n\t\tselect { // 21\n\t\tcase <-b.in:\n\t\tcase <-b.done:\n\t\t\treturn\n\t\t}\n\t}\n}\nfunc TestA(t *testing.T) {\n\tb := plain()\n\tb.in <- 1\n}\n";
    let found = leak(source, "select", "m.(*batch).work", "m.plain");
    assert_eq!(
        found.fix,
        "set `done` in the batch (line 4) to a channel, and close it when the goroutine is to end"
    );
}

#[test]
fn a_field_that_is_closed_behind_a_return_is_named_for_those_that_wait_for_it() {
    let source = "package m\ntype call struct{ done chan int }\ntype loader struct{ calls map[string]*call }\nfunc (l *loader) Get(k string) error {\n\tif c, ok := l.calls[k]; ok {\n\t\t<-c.done // 21\n\t\treturn nil\n\t}\n\tc := &call{done: make(chan int)}\n\tl.calls[k] = c\n\tif err := fetch(k); err != nil {\n\t\treturn err // early\n\t}\n\tclose(c.done) // close\n\treturn nil\n}\nfunc TestA(t *testing.T) {\n\tl := &loader{calls: map[string]*call{}}\n\tgo l.Get(\"a\") // go 21\n\tl.Get(\"a\")\n}\n";
    let found = leak(source, "chan receive", "m.(*loader).Get", "m.TestA");
    let (early, close) = (line(source, "// early"), line(source, "// close"));
    assert_eq!(
        found.waits_for,
        format!(
            "a value from `c.done`: Get may return (line {early}) before it gets to `close(c.done)` (line {close})"
        )
    );
}

#[test]
fn a_result_that_is_handed_on_at_once_is_followed_to_who_receives() {
    let source = "package m\nfunc lines(n int) chan int {\n\tout := make(chan int)\n\tgo func() { // go 21\n\t\tout <- 1 // 21\n\t}()\n\treturn out\n}\nfunc parse(in chan int) {\n\tgo func() { // parses\n\t\tfor v := range in {\n\t\t\tif v > 0 {\n\t\t\t\treturn\n\t\t\t}\n\t\t}\n\t}()\n}\nfunc TestA(t *testing.T) { parse(lines(1)) }\n";
    let found = leak(source, "chan send", "m.lines.func1", "m.lines");
    assert!(
        found
            .waits_for
            .contains("no goroutine is in the function of line 10, which receives from it (line 11)"),
        "{found:?}"
    );
}

#[test]
fn a_channel_of_the_test_that_nothing_closes_is_closed_in_the_test() {
    let source = "package m\nfunc TestA(t *testing.T) {\n\trelease := make(chan int) // made\n\tgo func() { // go 21\n\t\t<-release // 21\n\t}()\n}\n";
    let found = leak(source, "chan receive", "m.TestA.func1", "m.TestA");
    assert!(
        found
            .waits_for
            .ends_with("`release`: nothing closes `release`, which the test makes (line 3), or sends to it")
            && found.fix == "`defer close(release)` where the test makes it (line 3), or send to it",
        "{found:?}"
    );
}

#[test]
fn a_receiver_that_has_had_enough_waits_for_the_senders_lock() {
    let source = "package m\nimport \"sync\"\ntype room struct {\n\tmu sync.Mutex\n\tmembers map[*member]struct{}\n}\ntype member struct {\n\troom *room\n\tquota int\n\tinbox chan int\n\tseen func(int)\n}\nfunc (r *room) Join(n int, seen func(int)) {\n\tm := &member{room: r, quota: n, inbox: make(chan int), seen: seen}\n\tr.members[m] = struct{}{}\n\tgo m.pump() // go 22\n}\nfunc (m *member) pump() {\n\tfor range m.quota {\n\t\tm.seen(<-m.inbox) // receives\n\t}\n\tm.room.leave(m) // left\n}\nfunc (r *room) leave(m *member) {\n\tr.mu.Lock() // 22\n\tdelete(r.members, m)\n}\nfunc (r *room) Announce(n int) {\n\tgo func() { // go 21\n\t\tr.mu.Lock()\n\t\tdefer r.mu.Unlock()\n\t\tfor m := range r.members {\n\t\t\tm.inbox <- n // 21\n\t\t}\n\t}()\n}\nfunc TestA(t *testing.T) {\n\tr := &room{members: map[*member]struct{}{}}\n\tr.Join(1, nil)\n\tr.Announce(1)\n}\n";
    const LOCK: &str = "internal/sync.runtime_SemacquireMutex(0x1)\n\t/go/src/runtime/sema.go:1 +0x1\ninternal/sync.(*Mutex).lockSlow(0x1)\n\t/go/src/internal/sync/mutex.go:1 +0x1\nsync.(*Mutex).Lock(...)\n\t/go/src/sync/mutex.go:1\n";
    let pump = goroutine(22, "sync.Mutex.Lock", LOCK, "m.(*room).leave", source).replace(
        "created by m.TestA",
        &format!(
            "m.(*member).pump()\n\t/m/x.go:{} +0x1\ncreated by m.(*room).Join",
            line(source, "// left")
        ),
    );
    let dump = goroutine(21, "chan send", "", "m.(*room).Announce.func1", source)
        .replace("created by m.TestA", "created by m.(*room).Announce")
        + &pump;
    let groups = all(&dump, source);
    let found = of(&groups, "m.(*room).Announce.func1");
    eprintln!("{}", words(found));
    assert!(
        words(found).contains("`pump` of the member has left the loop"),
        "{found:?}"
    );
}

#[test]
fn a_ticker_that_its_owners_stop_stops_needs_a_done_channel_there() {
    let source = "package m\nimport \"time\"\ntype gauge struct{ tick *time.Ticker }\nfunc (g *gauge) work() {\n\tfor range g.tick.C { // 21\n\t\tprintln()\n\t}\n}\nfunc (g *gauge) Close() { g.tick.Stop() } // stops\nfunc TestA(t *testing.T) {\n\tg := &gauge{time.NewTicker(time.Second)}\n\tgo g.work() // go 21\n\tg.Close()\n}\n";
    let found = leak(source, "chan receive", "m.(*gauge).work", "m.TestA");
    assert_eq!(
        found.fix,
        format!(
            "select between the tick and a done channel, which Close closes where it calls `g.tick.Stop` (line {}), and return on that",
            line(source, "// stops")
        )
    );
}

#[test]
fn a_send_to_a_field_is_to_end_with_its_owner() {
    let source = |send: &str, close: &str| {
        format!(
            "package m\ntype runner struct{{ errs chan error }}\nfunc (r *runner) work() {{\n\t{send} // 21\n}}\n{close}func TestA(t *testing.T) {{\n\tr := &runner{{errs: make(chan error)}} // made\n\tgo r.work() // go 21\n}}\n"
        )
    };
    let fix =
        |send: &str, close: &str| leak(&source(send, close), "chan send", "m.(*runner).work", "m.TestA").fix;
    let close = "func (r *runner) Close() {}\n";
    assert_eq!(
        fix("r.errs <- nil", close),
        "give `errs` room for the value (line 8), or select the send against a done channel that Close of the runner (line 6) closes, and return on that"
    );
    assert_eq!(
        fix("for { r.errs <- nil }", ""),
        "select the send against a done channel that a Close or Stop method of the runner closes, and return on that"
    );
}

#[test]
fn a_whole_that_does_not_end_its_part_is_told_to() {
    let source = "package m\ntype queue struct{ tasks chan int }\nfunc (q *queue) work() {\n\tfor range q.tasks {} // 21\n}\nfunc (q *queue) Close() { close(q.tasks) }\ntype audited struct {\n\t*queue\n\tlog []int\n}\nfunc open() *audited {\n\tq := &queue{make(chan int)}\n\tgo q.work() // go 21\n\treturn &audited{queue: q}\n}\nfunc (a *audited) Close() { a.log = nil }\nfunc TestA(t *testing.T) {\n\ta := open()\n\tdefer a.Close()\n}\n";
    let found = leak(source, "chan receive", "m.(*queue).work", "m.open");
    assert_eq!(
        fact_and_fix(&found),
        "Close (x.go:16) does not call `Close` of the queue (x.go:6), which would end this goroutine: call `Close` of the queue in Close (x.go:16)"
    );
}

#[test]
fn one_value_for_each_of_one_thing_and_a_receive_for_each_of_another_are_uneven() {
    let source = "package m\nfunc TestA(t *testing.T) {\n\ttargets, want := list(), list()\n\terrs := make(chan error)\n\tfor range targets { // sends\n\t\tgo func() { // go 21\n\t\t\terrs <- nil // 21\n\t\t}()\n\t}\n\tfor range want { // takes\n\t\t<-errs\n\t}\n}\n";
    let found = leak(source, "chan send", "m.TestA.func1", "m.TestA");
    assert_eq!(
        found.waits_for,
        "a receiver on `errs`: one value is sent for each of `targets` (line 5), and one is taken for each of `want` (line 10)"
    );
    let even = source.replace("range want", "range targets");
    let found = leak(&even, "chan send", "m.TestA.func1", "m.TestA");
    assert!(!found.waits_for.contains("one is taken"), "{found:?}");
}

#[test]
fn what_a_once_of_the_package_starts_is_kept_for_all_tests() {
    let source = "package m\nimport \"sync\"\ntype reaper struct{ in chan int }\nvar (\n\tonce sync.Once\n\tthe *reaper\n)\nfunc shared() *reaper {\n\tonce.Do(func() {\n\t\tthe = &reaper{make(chan int)}\n\t\tgo the.work() // go 21\n\t})\n\treturn the\n}\nfunc (r *reaper) work() {\n\tfor range r.in {} // 21\n}\nfunc discard() { shared().in <- 1 }\nfunc TestA(t *testing.T) { discard() }\n";
    let found = leak(source, "chan receive", "m.(*reaper).work", "m.shared.func1");
    assert_eq!(
        found.fix,
        "`the` keeps what it makes for all tests: end it in TestMain, or allow it with a reason"
    );
}

#[test]
fn a_loop_whose_owner_has_a_channel_for_its_end_is_to_wait_for_that_too() {
    let source = "package m\nimport \"time\"\ntype peer struct {\n\tupdates chan int\n\tclosed chan struct{}\n}\nfunc (p *peer) work() {\n\tt := time.NewTicker(time.Second)\n\tfor {\n\t\tselect { // 21\n\t\tcase <-p.updates:\n\t\tcase <-t.C:\n\t\t}\n\t}\n}\nfunc (p *peer) Disconnect() { close(p.closed) } // closes\nfunc TestA(t *testing.T) {\n\tp := &peer{make(chan int), make(chan struct{})}\n\tgo p.work() // go 21\n\tp.Disconnect()\n}\n";
    let found = leak(source, "select", "m.(*peer).work", "m.TestA");
    assert_eq!(
        found.fix,
        format!(
            "add `case <-p.closed: return` to the select: Disconnect closes that (line {})",
            line(source, "// closes")
        )
    );
}

#[test]
fn a_barrier_that_is_not_full_says_what_it_waits_for() {
    let source = "package m\nimport \"sync\"\ntype barrier struct {\n\tmu sync.Mutex\n\tcond *sync.Cond\n\tparties, arrived, gen int\n}\nfunc newBarrier(n int) *barrier {\n\tb := &barrier{parties: n}\n\tb.cond = sync.NewCond(&b.mu)\n\treturn b\n}\nfunc (b *barrier) Await() {\n\tb.mu.Lock()\n\tdefer b.mu.Unlock()\n\tgen := b.gen\n\tb.arrived++\n\tif b.arrived == b.parties { // full\n\t\tb.gen++\n\t\tb.cond.Broadcast()\n\t\treturn\n\t}\n\tfor b.gen == gen {\n\t\tb.cond.Wait() // 21\n\t}\n}\nfunc TestA(t *testing.T) {\n\tb := newBarrier(2)\n\tgo b.Await() // go 21\n}\n";
    let above = "sync.(*Cond).Wait(0xc000010000)\n\t/go/src/sync/cond.go:71 +0x1\n";
    let dump = goroutine(21, "sync.Cond.Wait", above, "m.(*barrier).Await", source);
    let found = of(&all(&dump, source), "m.(*barrier).Await").clone();
    assert_eq!(
        found.waits_for,
        format!(
            "a Signal or Broadcast on `b.cond`: Await wakes only where `b.arrived == b.parties` (line {}), which has not come",
            line(source, "// full")
        )
    );
}

#[test]
fn a_stop_that_returns_at_the_first_error_leaves_the_rest() {
    let source = |fails: &str| {
        format!(
            "package m\ntype plugin struct{{ quit chan int }}\nfunc (p *plugin) work() {{\n\t<-p.quit // 21\n}}\ntype bot struct{{ plugins []*plugin }}\nfunc (b *bot) Add() {{\n\tp := &plugin{{make(chan int)}}\n\tb.plugins = append(b.plugins, p)\n\tgo p.work() // go 21\n}}\nfunc (b *bot) Stop() error {{\n\tfor _, p := range b.plugins {{\n\t\tif err := bad(p); err != nil {{\n\t\t\t{fails}\n\t\t}}\n\t\tclose(p.quit)\n\t}}\n\treturn nil\n}}\nfunc TestA(t *testing.T) {{\n\tb := &bot{{}}\n\tfor range 3 {{\n\t\tb.Add() // leaks\n\t}}\n\tb.Stop()\n}}\n"
        )
    };
    let fix = |fails: &str| {
        fact_and_fix(&leak(
            &source(fails),
            "chan receive",
            "m.(*plugin).work",
            "m.(*bot).Add",
        ))
    };
    assert_eq!(
        fix("return err"),
        "`Stop` of the bot is called (x.go:26), but its loop may return (x.go:15) before `close(p.quit)` (x.go:17) has ended the rest: go on where it returns (x.go:15), and return the errors in the end"
    );
    let found = fix("println(err)");
    assert!(!found.contains("its loop may return"), "{found}");
    assert!(!found.contains("the last one that the loop makes"), "{found}");
}

#[test]
fn what_is_deferred_around_parallel_subtests_runs_before_them() {
    let source = |ends: &str, parallel: &str| {
        format!(
            "package m\ntype rooms struct{{ all []*room }}\ntype room struct{{ quit chan int }}\nfunc (rs *rooms) Join() {{\n\tr := &room{{make(chan int)}}\n\trs.all = append(rs.all, r)\n\tgo r.work() // go 21\n}}\nfunc (r *room) work() {{\n\t<-r.quit // 21\n}}\nfunc (rs *rooms) Close() {{\n\tfor _, r := range rs.all {{\n\t\tclose(r.quit)\n\t}}\n}}\nfunc TestA(t *testing.T) {{\n\trs := &rooms{{}}\n\t{ends}\n\tt.Run(\"a\", func(t *testing.T) {{\n\t\t{parallel}\n\t\trs.Join() // leaks\n\t}})\n}}\n"
        )
    };
    let cause = |source: &str| {
        let dump = goroutine(21, "chan receive", "", "m.(*room).work", source)
            .replace("created by m.TestA", "created by m.(*rooms).Join");
        let dump = format!(
            "{}\n[originating from goroutine 10]:\nm.(*rooms).Join(...)\n\t/m/x.go:7 +0x1\nm.TestA.func1(...)\n\t/m/x.go:{} +0x1\ncreated by testing.(*T).Run\n\t/go/src/t.go:2 +0x1\n",
            dump.trim_end_matches('\n'),
            line(source, "// leaks"),
        );
        of(&all(&dump, source), "m.(*room).work").clone()
    };
    let found = cause(&source("defer rs.Close()", "t.Parallel()"));
    assert_eq!(
        fact_and_fix(&found),
        "`Close` of the rooms is deferred (x.go:19), and runs before the parallel subtests do (x.go:21): call `Close` in `t.Cleanup` in place of the `defer`: that runs after the subtests"
    );
    let found = cause(&source("t.Cleanup(rs.Close)", "t.Parallel()"));
    assert!(!words(&found).contains("parallel subtests"), "{found:?}");
    let found = cause(&source("defer rs.Close()", "t.Log()"));
    assert!(!words(&found).contains("parallel subtests"), "{found:?}");
}

#[test]
fn what_is_taken_out_of_a_slice_is_closed_where_it_is_taken_out() {
    let source = |remove: &str| {
        format!(
            "package m\ntype listener struct{{ queue chan int }}\nfunc (l *listener) work() {{\n\tfor range l.queue {{}} // 21\n}}\ntype bus struct{{ all []*listener }}\nfunc (b *bus) On() {{\n\tl := &listener{{make(chan int)}}\n\tb.all = append(b.all, l)\n\tgo l.work() // go 21\n}}\nfunc (b *bus) off(i int) {{\n\t{remove} // taken\n}}\nfunc (b *bus) Close() {{\n\tfor _, l := range b.all {{\n\t\tclose(l.queue)\n\t}}\n}}\nfunc TestA(t *testing.T) {{\n\tb := &bus{{}}\n\tdefer b.Close()\n\tb.On()\n\tb.off(0)\n}}\n"
        )
    };
    let fix = |remove: &str| {
        words(&leak(
            &source(remove),
            "chan receive",
            "m.(*listener).work",
            "m.(*bus).On",
        ))
    };
    for remove in [
        "b.all = append(b.all[:i], b.all[i+1:]...)",
        "ls := b.all; b.all = append(ls[:i:i], ls[i+1:]...)",
        "b.all = slices.Delete(b.all, i, i+1)",
    ] {
        let found = fix(remove);
        assert!(
            found.contains("takes it out before `close(l.queue)` (x.go:17) gets to it"),
            "{remove}: {found}"
        );
    }
    // In a map of slices, too.
    let nested = source("ls := b.all[k]; b.all[k] = append(ls[:i:i], ls[i+1:]...)")
        .replace("all []*listener", "all map[string][]*listener")
        .replace("b.all = append(b.all, l)", "b.all[k] = append(b.all[k], l)")
        .replace(
            "\tfor _, l := range b.all {\n\t\tclose(l.queue)\n\t}\n",
            "\tfor _, ls := range b.all {\n\t\tfor _, l := range ls { close(l.queue) }\n\t}\n",
        );
    let found = words(&leak(
        &nested,
        "chan receive",
        "m.(*listener).work",
        "m.(*bus).On",
    ));
    assert!(found.contains("takes it out before `close(l.queue)`"), "{found}");
    let found = fix("close(b.all[i].queue); b.all = append(b.all[:i], b.all[i+1:]...)");
    assert!(!found.contains("takes it out"), "{found}");
}

#[test]
fn a_method_whose_error_the_test_wants_ends_what_it_has_started() {
    let source = "package m\ntype server struct{ quit chan int }\nfunc (s *server) Start() error {\n\tgo s.work() // go 21\n\treturn errBusy\n}\nfunc (s *server) work() {\n\t<-s.quit // 21\n}\nfunc (s *server) Close() { close(s.quit) }\nfunc TestA(t *testing.T) {\n\ts := &server{make(chan int)}\n\tif err := s.Start(); err == nil {\n\t\tt.Fatal(\"started\")\n\t}\n}\n";
    let found = leak(source, "chan receive", "m.(*server).work", "m.(*server).Start");
    assert_eq!(
        fact_and_fix(&found),
        "`s.Start` (x.go:13) has left it behind, and returned an error: end it in `s.Start` (x.go:3) before that returns its error: the test gets nothing that it could close"
    );
}

#[test]
fn a_cancel_function_that_a_literal_sets_again_loses_the_first() {
    let source = "package m\nimport \"context\"\nfunc TestA(t *testing.T) {\n\tvar stop context.CancelFunc\n\topen := func() { // literal\n\t\tvar ctx context.Context\n\t\tctx, stop = context.WithCancel(context.Background())\n\t\tgo work(ctx) // go 21\n\t}\n\topen()\n\topen()\n\tdefer stop()\n}\nfunc work(ctx context.Context) {\n\t<-ctx.Done() // 21\n}\n";
    let found = leak(source, "chan receive", "m.work", "m.TestA.func1");
    assert_eq!(
        fact_and_fix(&found),
        "`stop` is set again each time that the function of line 5 runs, and what calls it later ends only the last one: call `stop` before it is set (line 7), or keep each"
    );
}

#[test]
fn a_function_that_closes_one_of_its_two_connections_is_to_close_both() {
    let source = |ends: &str| {
        format!(
            "package m\nimport (\"io\"; \"net\")\nfunc tunnel(client, upstream net.Conn) error {{\n\tdefer client.Close() // closes\n{ends}\terrc := make(chan error, 2)\n\tgo relay(upstream, client, errc)\n\tgo relay(client, upstream, errc) // go 21\n\treturn <-errc\n}}\nfunc relay(dst io.Writer, src io.Reader, errc chan error) {{\n\t_, err := io.Copy(dst, src) // 21\n\terrc <- err\n}}\nfunc TestA(t *testing.T) {{\n\ta, b := open(), open()\n\ttunnel(a, b)\n}}\n"
        )
    };
    const READ: &str = "internal/poll.runtime_pollWait()\n\t/go/src/runtime/netpoll.go:1 +0x1\nnet.(*conn).Read()\n\t/go/src/net/net.go:2 +0x1\nio.Copy()\n\t/go/src/io/io.go:2 +0x1\n";
    let fix = |ends: &str| {
        let source = source(ends);
        let dump = goroutine(21, "IO wait", READ, "m.relay", &source)
            .replace("created by m.TestA", "created by m.tunnel");
        fact_and_fix(of(&all(&dump, &source), "m.relay"))
    };
    assert_eq!(
        fix(""),
        "tunnel closes `client` (line 4) and not `upstream`: `defer upstream.Close()` in tunnel too"
    );
    let found = fix("\tdefer upstream.Close()\n");
    assert!(!found.contains("and not"), "{found}");
}

#[test]
fn a_receiver_that_runs_more_than_once_does_not_close_a_done_channel_by_its_own_defer() {
    let source = "package m\nfunc drain(in chan int) {\n\tfor v := range in {\n\t\tif v > 0 {\n\t\t\treturn\n\t\t}\n\t}\n}\nfunc run() {\n\tout := make(chan int)\n\tfor range 2 {\n\t\tgo drain(out)\n\t}\n\tgo func() { // go 21\n\t\tout <- 1 // 21\n\t}()\n}\nfunc TestA(t *testing.T) { run() }\n";
    let found = leak(source, "chan send", "m.run.func1", "m.run");
    assert!(
        found
            .fix
            .contains("it runs more than once, so not by its own `defer`"),
        "{found:?}"
    );
}

#[test]
fn what_a_literal_in_a_loop_starts_runs_more_than_once_too() {
    for start in [
        "go func() { drain(out) }()",
        "wg.Go(func() { drain(out) })",
        "go drain(out)",
    ] {
        let source = format!(
            "package m\nfunc drain(in chan int) {{\n\tfor v := range in {{\n\t\tif v > 0 {{\n\t\t\treturn\n\t\t}}\n\t}}\n}}\nfunc run() {{\n\tout := make(chan int)\n\tfor range 2 {{\n\t\t{start}\n\t}}\n\tgo func() {{ // go 21\n\t\tout <- 1 // 21\n\t}}()\n}}\nfunc TestA(t *testing.T) {{ run() }}\n"
        );
        let state = "chan send";
        let found = ["m.run.func1", "m.run.func2"].into_iter().find_map(|func| {
            let dump =
                goroutine(21, state, "", func, &source).replace("created by m.TestA", "created by m.run");
            let groups = all(&dump, &source);
            groups.into_iter().next().map(|group| group.cause)
        });
        let found = found.expect("a leak");
        assert!(
            found.fix.ends_with(
                "it runs more than once, so not by its own `defer`, but in run, once each of them has returned"
            ),
            "{start}: {found:?}"
        );
    }
}

#[test]
fn a_stop_that_returns_at_the_first_error_of_an_interfaces_method_leaves_the_rest_too() {
    let source = |fails: &str| {
        format!(
            r#"package m
import "testing"
type Plugin interface {{ Start(*Bot) error; Stop() error }}
type Bot struct{{ plugins []Plugin }}
func (b *Bot) Use(p Plugin) error {{
	if err := p.Start(b); err != nil {{
		return err
	}}
	b.plugins = append(b.plugins, p)
	return nil
}}
func (b *Bot) Stop() error {{
	for _, p := range b.plugins {{
		if err := p.Stop(); err != nil {{
			{fails} // fails
		}}
	}}
	return nil
}}
type ticks struct{{ stop chan int }}
func (a *ticks) Start(b *Bot) error {{
	a.stop = make(chan int)
	go a.work() // go 21
	return nil
}}
func (a *ticks) work() {{
	<-a.stop // 21
}}
func (a *ticks) Stop() error {{ close(a.stop); return nil }}
type bad struct{{}}
func (bad) Start(*Bot) error {{ return nil }}
func (bad) Stop() error {{ return errBad }}
func TestA(t *testing.T) {{
	b := &Bot{{}}
	for _, p := range []Plugin{{bad{{}}, &ticks{{}}}} {{
		if err := b.Use(p); err != nil {{ // leaks
			t.Fatal(err)
		}}
	}}
	b.Stop() // stops
}}
"#
        )
    };
    let fix = |fails: &str| {
        let source = source(fails);
        let dump = goroutine(21, "chan receive", "", "m.(*ticks).work", &source)
            .replace("created by m.TestA", "created by m.(*ticks).Start");
        let dump = format!(
            "{}\n[originating from goroutine 10]:\nm.(*ticks).Start(...)\n\t/m/x.go:{} +0x1\nm.(*Bot).Use(...)\n\t/m/x.go:6 +0x1\nm.TestA(...)\n\t/m/x.go:{} +0x1\ntesting.tRunner(...)\n\t/go/src/t.go:2 +0x1\n",
            dump.trim_end_matches('\n'),
            line(&source, "// go 21"),
            line(&source, "// leaks"),
        )
        .replace("/m/x.go", "/m/x_test.go");
        let mut groups = judged_files(&evidence(sightings(&dump)), &[("/m/x_test.go", &source)]);
        fact_and_fix(&groups.remove(0).cause)
    };
    let found = fix("return err");
    assert_eq!(
        found,
        format!(
            "`b.Stop` is called (x_test.go:{}), but its loop may return (x_test.go:{}) before `p.Stop()` (x_test.go:{}) has ended the rest: go on where it returns (x_test.go:{}), and return the errors in the end",
            line(&source(""), "// stops"),
            line(&source(""), "// fails"),
            line(&source(""), "// fails") - 1,
            line(&source(""), "// fails"),
        )
    );
    let found = fix("println(err)");
    assert!(!found.contains("its loop may return"), "{found}");
}

#[test]
fn what_takes_a_channel_out_of_a_list_is_to_close_it() {
    let source = "package m\nimport \"testing\"\ntype bus struct{ all map[string][]chan int }\nfunc (b *bus) On(topic string) func() {\n\tch := make(chan int)\n\tb.all[topic] = append(b.all[topic], ch)\n\tgo work(ch) // go 21\n\treturn func() {\n\t\tfor i, one := range b.all[topic] {\n\t\t\tif one == ch {\n\t\t\t\tb.all[topic] = append(b.all[topic][:i], b.all[topic][i+1:]...) // takes\n\t\t\t\treturn\n\t\t\t}\n\t\t}\n\t}\n}\nfunc work(in chan int) {\n\tfor range in { // 21\n\t}\n}\nfunc TestA(t *testing.T) {\n\tb := &bus{}\n\toff := b.On(\"a\")\n\toff()\n}\n";
    let found = leak(source, "chan receive", "m.work", "m.(*bus).On");
    assert!(
        found.fix.contains("close the channel where it is taken out")
            && found.fix.contains(&format!("line {})", line(source, "// takes"))),
        "{found:?}"
    );
}

#[test]
fn the_one_value_of_a_test_that_is_not_ended_as_others_are_is_named() {
    let source = |more: &str| {
        format!(
            "package m\nimport \"testing\"\ntype job struct{{ in chan int }}\nfunc start(opts ...func(*job)) *job {{\n\tj := &job{{make(chan int)}}\n\tfor _, opt := range opts {{\n\t\topt(j)\n\t}}\n\treturn j\n}}\nfunc busy(j *job) {{\n\tgo j.work() // go 21\n}}\nfunc (j *job) work() {{\n\tfor range j.in {{ // 21\n\t}}\n}}\nfunc (j *job) Close() {{ close(j.in) }}\nfunc TestA(t *testing.T) {{\n\tfirst := start(busy) // first\n\tfirst.in <- 1\n\tsecond := start(busy)\n\tdefer second.Close() // ends\n\t{more}\n}}\n"
        )
    };
    let found = |more: &str| fact_and_fix(&leak(&source(more), "chan receive", "m.(*job).work", "m.busy"));
    let text = source("println(1)");
    assert_eq!(
        found("println(1)"),
        format!(
            "`Close` of the job is called (x.go:{}), but not of `first` (x.go:{}): call `first.Close()` too, for example in t.Cleanup",
            line(&text, "// ends"),
            line(&text, "// first")
        )
    );
    for more in [
        "defer first.Close()",
        "end(first)",
        "all.first = first",
        "third := start()\n\tthird.in <- 1",
    ] {
        assert!(!found(more).contains("but not of"), "{more}: {}", found(more));
    }
}

#[test]
fn what_a_start_that_fails_has_handed_to_its_goroutine_is_closed_before_that() {
    let source = "package m\nimport (\"net\"; \"testing\")\ntype node struct{ in net.PacketConn; up net.Listener }\nfunc (n *node) Start() error {\n\tin, err := net.ListenPacket(\"udp\", \"\")\n\tif err != nil {\n\t\treturn err\n\t}\n\tgo n.work(in) // go 21\n\tup, err := net.Listen(\"tcp\", \"busy\")\n\tif err != nil {\n\t\treturn err // fails\n\t}\n\tn.in, n.up = in, up\n\treturn nil\n}\nfunc (n *node) work(in net.PacketConn) {\n\tin.ReadFrom(nil) // 21\n}\nfunc (n *node) Close() {\n\tn.in.Close()\n\tn.up.Close()\n}\nfunc TestA(t *testing.T) {\n\tn := &node{}\n\tif err := n.Start(); err == nil { // leaks\n\t\tt.Fatal()\n\t}\n}\n";
    const READ: &str = "internal/poll.runtime_pollWait()\n\t/go/src/runtime/netpoll.go:1 +0x1\nnet.(*UDPConn).ReadFrom()\n\t/go/src/net/net.go:2 +0x1\n";
    let dump = goroutine(21, "IO wait", READ, "m.(*node).work", source)
        .replace("created by m.TestA", "created by m.(*node).Start");
    let found = fact_and_fix(of(&all(&dump, source), "m.(*node).work"));
    assert!(
        found.ends_with(&format!(
            "has left it behind, and returned an error: call `in.Close()` before the `return` (x.go:{}) with which Start gives back its error",
            line(source, "// fails")
        )),
        "{found}"
    );
}

#[test]
fn the_parts_that_a_constructor_has_made_before_it_fails_are_ended_by_the_whole() {
    let source = |exit: &str| {
        format!(
            "package m\nimport \"testing\"\ntype part struct{{ quit chan int }}\nfunc newPart(n int) (*part, error) {{\n\tif n < 0 {{\n\t\treturn nil, errBad\n\t}}\n\tp := &part{{make(chan int)}}\n\tgo p.work() // go 21\n\treturn p, nil\n}}\nfunc (p *part) work() {{\n\t<-p.quit // 21\n}}\nfunc (p *part) Close() {{ close(p.quit) }}\ntype whole struct{{ parts []*part }}\nfunc newWhole(all ...int) (*whole, error) {{\n\tw := &whole{{}}\n\tfor _, n := range all {{\n\t\tp, err := newPart(n)\n\t\tif err != nil {{\n\t\t\t{exit}\n\t\t}}\n\t\tw.parts = append(w.parts, p)\n\t}}\n\treturn w, nil\n}}\nfunc (w *whole) Close() {{\n\tfor _, p := range w.parts {{\n\t\tp.Close()\n\t}}\n}}\nfunc TestA(t *testing.T) {{\n\tif _, err := newWhole(1, -1); err == nil {{ // leaks\n\t\tt.Fatal()\n\t}}\n}}\n"
        )
    };
    let text = source("return nil, err // fails");
    let found = fact_and_fix(&leak(&text, "chan receive", "m.(*part).work", "m.newPart"));
    assert!(
        found.ends_with(&format!(
            "call `w.Close()` before the `return` (x.go:{}) with which newWhole gives back its error: the test gets nothing that it could close",
            line(&text, "// fails")
        )),
        "{found}"
    );
}

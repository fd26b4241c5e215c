//! What a function leaves behind when it returns early, and the way out that is there already.

use super::kind::{all, goroutine, line, of};
use super::late::leak;
use crate::leak::*;

fn at(source: &str, mark: &str) -> String {
    format!("line {}", line(source, mark))
}

/// The cause of what waits in `func`.
fn cause(source: &str, state: &str, func: &str) -> Cause {
    of(&all(&goroutine(21, state, "", func, source), source), func).clone()
}

const FEED: &str = r#"package m
import ("path"; "sync")
func load(names []string) error {
	var (
		jobs = make(chan string)
		wg   sync.WaitGroup
	)
	for range 3 {
		wg.Go(func() { // go 21
			for name := range jobs { // 21
				println(name)
			}
		})
	}
	for _, name := range names {
		if path.Ext(name) == "" {
			return errBad // leaves
		}
		jobs <- name
	}
	close(jobs) // closes
	wg.Wait()
	return nil
}
func TestA() { load(nil) }
"#;

fn fed(source: &str) -> Cause {
    let dump = format!(
        "goroutine 21 [chan receive]:\nm.load.func1()\n\t/m/x.go:{} +0x1\nsync.(*WaitGroup).Go.func1()\n\t/go/src/sync/waitgroup.go:2 +0x1\ncreated by sync.(*WaitGroup).Go in goroutine 10\n\t/go/src/sync/waitgroup.go:3 +0x2\n\n",
        line(source, "// 21")
    );
    of(&all(&dump, source), "m.load.func1").clone()
}

#[test]
fn a_return_before_the_close_for_what_a_group_runs_is_named() {
    let found = fed(FEED);
    let (leaves, closes) = (at(FEED, "// leaves"), at(FEED, "// closes"));
    assert_eq!(
        found.waits_for,
        format!(
            "the next value of `jobs`: load may return ({leaves}) before it gets to `close(jobs)` ({closes})"
        )
    );
    // A deferred close would come after the Wait that needs it.
    assert_eq!(
        found.fix,
        format!(
            "`close(jobs)` before the `return` ({leaves}) too, as on the other way ({closes}, before `wg.Wait()`)"
        )
    );
    let alone = fed(&FEED.replace("\twg.Wait()\n", "\n"));
    assert!(alone.fix.contains("`defer close(jobs)` in place of"), "{alone:?}");
}

#[test]
fn no_second_close_is_advised() {
    // Whatever the reason is that the one close has not run.
    let hangs = FEED.replace("\t\t\treturn errBad // leaves\n", "\t\t\t<-never\n");
    let found = fed(&hangs);
    assert!(!found.fix.contains("defer close"), "{found:?}");
    assert!(found.fix.contains(&at(&hangs, "// closes")), "{found:?}");
}

const LOAD: &str = r#"package m
import ("context"; "testing")
func stream(ctx context.Context) <-chan int {
	out := make(chan int)
	go func() { // go 21
		defer close(out)
		for n := 0; n < 9; n++ {
			select { // 21
			case out <- n:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}
func load(ctx context.Context, put func(int) error) error {
	all := stream(ctx) // starts
	for one := range all { // takes
		if err := put(one); err != nil {
			return err // leaves
		}
	}
	return nil
}
func TestB(t *testing.T) {
	for range stream(context.Background()) {
	}
}
func TestA(t *testing.T) { load(context.Background(), nil) }
"#;

fn loaded(source: &str) -> Cause {
    let dump = goroutine(21, "select", "", "m.stream.func1", source)
        .replace("created by m.TestA", "created by m.stream");
    of(&all(&dump, source), "m.stream.func1").clone()
}

#[test]
fn a_receiver_that_returns_early_is_to_cancel_what_it_has_started() {
    let found = loaded(LOAD);
    assert_eq!(found.code, CauseCode::ContextNotCancelled);
    assert_eq!(
        found.waits_for,
        format!(
            "a receiver on `out`, or for `ctx` to be cancelled: load, which receives from it ({}), may return before the last value ({})",
            at(LOAD, "// takes"),
            at(LOAD, "// leaves")
        )
    );
    assert!(
        found.fix.starts_with(&format!(
            "let load cancel what it has started when it returns: `ctx, cancel := context.WithCancel(ctx)` and `defer cancel()` before {}",
            at(LOAD, "// starts")
        )),
        "{found:?}"
    );
    // Where the test itself leaves the loop, the context is the test's.
    let own = LOAD.replace(
        "{ load(context.Background(), nil) }",
        "{\n\tfor range stream(context.Background()) {\n\t\treturn\n\t}\n}",
    );
    assert!(!loaded(&own).fix.contains("let load"), "{own}");
    // What makes a context of its own has a cancel to call.
    let made = LOAD.replace(
        "\tall := stream",
        "\tctx, cancel := context.WithCancel(ctx)\n\t_ = cancel\n\tall := stream",
    );
    assert!(!loaded(&made).fix.contains("let load"), "{made}");
}

const BATCH: &str = r#"package m
import "time"
type batch struct { in chan int }
func start() *batch {
	b := &batch{make(chan int)}
	go b.loop() // go 21
	return b
}
func (b *batch) loop() {
	t := time.NewTicker(time.Second)
	defer t.Stop()
	in := b.in
	for {
		select { // 21
		case n, ok := <-in:
			if !ok { // branch
				in = nil
				flush()
				continue // goes on
			}
			println(n)
		case <-t.C:
			flush()
		}
	}
}
func (b *batch) Close() { close(b.in) /* closes */ }
func TestA() {
	b := start()
	b.Close()
}
"#;

#[test]
fn a_loop_that_sees_its_input_closed_is_to_return_there() {
    let judge = |source: &str| cause(source, "select", "m.(*batch).loop");
    let found = judge(BATCH);
    assert!(
        found.waits_for.ends_with(&format!(
            "; `close(b.in)` ({}) has come, and the loop goes on after it",
            at(BATCH, "/* closes")
        )),
        "{found:?}"
    );
    assert_eq!(
        found.fix,
        format!(
            "`return` in the branch `!ok` ({}) in place of the `continue` ({})",
            at(BATCH, "// branch"),
            at(BATCH, "// goes on")
        )
    );
    for other in [
        BATCH.replace("\tb.Close()\n", ""),
        BATCH.replace(
            "case <-t.C:\n",
            "case <-t.C:\n\t\t\tif over {\n\t\t\t\treturn\n\t\t\t}\n",
        ),
    ] {
        let found = judge(&other);
        assert!(!found.fix.contains("in the branch"), "{found:?}");
    }
}

const ROOM: &str = r#"package m
type player struct { name string; inbox chan int; gone chan struct{}; ready chan struct{} }
type room struct { players map[string]*player }
func (r *room) join() *player {
	p := &player{inbox: make(chan int, 1), gone: make(chan struct{}), ready: make(chan struct{})}
	close(p.ready)
	r.players[p.name] = p
	return p
}
func (r *room) leave(p *player) {
	delete(r.players, p.name)
	close(p.gone) // closes
}
func (r *room) say(n int) {
	for _, p := range r.players {
		go func() { // go 21
			p.inbox <- n // 21
		}()
	}
}
func TestA() {
	r := &room{map[string]*player{}}
	p := r.join()
	r.say(1)
	r.say(2)
	r.leave(p)
}
"#;

#[test]
fn a_send_is_selected_against_the_channel_that_is_closed_where_its_owner_ends() {
    let judge = |source: &str| cause(source, "chan send", "m.(*room).say.func1").fix;
    assert_eq!(
        judge(ROOM),
        format!(
            "select the send against `<-p.gone`, which leave closes ({}), and return on that",
            at(ROOM, "// closes")
        )
    );
    // A close that waits for the sender first is none to wait for.
    let late = ROOM.replace("\tclose(p.gone)", "\tr.wg.Wait()\n\tclose(p.gone)");
    assert!(!judge(&late).contains("`<-p."), "{}", judge(&late));
    // One that is closed when something begins does not end it.
    let ready = ROOM.replace("\tclose(p.gone) // closes\n", "");
    assert!(!judge(&ready).contains("`<-p."), "{}", judge(&ready));
}

const PING: &str = r#"package m
import "time"
type session struct { pong, done chan struct{} }
func (s *session) keep() {
	go func() { // go 21
		t := time.NewTicker(time.Second)
		for {
			select {
			case <-t.C:
				<-s.pong // 21
			case <-s.done: // ends
				return
			}
		}
	}()
}
func (s *session) handle() { s.pong <- struct{}{} }
func (s *session) end() { close(s.done) }
func TestA() {
	s := &session{make(chan struct{}), make(chan struct{})}
	s.keep()
	s.end()
}
"#;

#[test]
fn a_receive_is_selected_against_the_case_that_ends_its_loop() {
    let found = cause(PING, "chan receive", "m.(*session).keep.func1");
    let fact = format!(
        "; `<-s.done` ends its loop ({}), but not this receive",
        at(PING, "// ends")
    );
    assert!(found.waits_for.ends_with(&fact), "{found:?}");
    assert_eq!(
        found.fix,
        "select the receive against `<-s.done` too, and return on that"
    );
}

const AGENT: &str = r#"package m
import ("context"; "sync")
type agent struct { cancel context.CancelFunc; wg sync.WaitGroup }
func start() *agent {
	ctx, cancel := context.WithCancel(context.Background())
	a := &agent{cancel: cancel}
	a.wg.Add(1)
	go a.loop(ctx) // go 21
	return a
}
func (a *agent) loop(ctx context.Context) {
	defer a.wg.Done()
	<-ctx.Done() // 21
}
func (a *agent) Shutdown() error {
	if err := drain(); err != nil {
		return err // leaves
	}
	a.cancel() // cancels
	a.wg.Wait() // waits
	return nil
}
func TestA() {
	a := start()
	a.Shutdown() // called
}
"#;

#[test]
fn a_cancel_that_a_wait_needs_is_not_to_be_deferred() {
    let short = |mark: &str| format!("x.go:{}", line(AGENT, mark));
    let judge = |source: &str| cause(source, "chan receive", "m.(*agent).loop");
    let found = judge(AGENT);
    assert!(
        found.waits_for.ends_with(&format!(
            "`Shutdown` of the agent is called ({}), but it may return ({}) before `a.cancel()` ({})",
            short("// called"),
            short("// leaves"),
            short("// cancels")
        )),
        "{found:?}"
    );
    assert_eq!(
        found.fix,
        format!(
            "do `a.cancel()` ({}) before the `return` too, not in a `defer`, which would come after `a.wg.Wait()` ({})",
            short("// cancels"),
            short("// waits")
        )
    );
    let alone = AGENT.replace("\ta.wg.Wait() // waits\n", "");
    assert!(
        judge(&alone)
            .fix
            .ends_with("on every path, with a `defer` in its place")
    );
}

/// A function that hands out what it counts, and a test that takes from that.
fn counts(closes: &str, takes: &str) -> String {
    format!(
        "package m\nimport \"testing\"\nfunc count(to int) <-chan int {{ // counts\n\tout := make(chan int)\n\tgo func() {{ // go 21\n\t\tfor i := range to {{\n\t\t\tout <- i // 21\n\t\t}}\n\t\t{closes}\n\t}}()\n\treturn out\n}}\nfunc TestA(t *testing.T) {{\n\tall := count(5)\n\t{takes}\n}}\n"
    )
}

#[test]
fn a_test_that_takes_only_some_of_the_values_is_named() {
    const CLOSES: &str = "close(out) // closes";
    for (takes, how) in [
        ("<-all // takes", "takes one of its values (line TAKES)"),
        (
            "for range 2 {\n\t\t<-all // takes\n\t}",
            "takes only some of its values (line TAKES)",
        ),
        (
            "for n := range all {\n\t\tif n == 1 {\n\t\t\tbreak // takes\n\t\t}\n\t}",
            "may leave its loop over that (line TAKES) before the last value",
        ),
    ] {
        let source = counts(CLOSES, takes);
        let found = leak(&source, "chan send", "m.count.func1", "m.count");
        let how = how.replace("TAKES", &line(&source, "// takes").to_string());
        assert_eq!(found.waits_for, format!("a receiver on `out`: TestA {how}"));
        let (counts, closes) = (line(&source, "// counts"), line(&source, "// closes"));
        assert_eq!(
            found.fix,
            format!(
                "let TestA take the rest too, up to `close(out)` (line {closes}): `for range all {{}}`; or let count (line {counts}) take a context, select the send against its Done too, and cancel it in TestA"
            )
        );
    }
    // Without an end there is no rest to take.
    let source = counts("println(1)", "<-all");
    let found = leak(&source, "chan send", "m.count.func1", "m.count");
    assert!(
        found.fix.starts_with("let count (line 3) take a context"),
        "{found:?}"
    );
    for takes in [
        "for range all {\n\t}",
        "select {\n\tcase <-all:\n\tdefault:\n\t}",
        "go func() { <-all }()",
        "<-all\n\t<-all",
    ] {
        let found = leak(&counts(CLOSES, takes), "chan send", "m.count.func1", "m.count");
        assert!(!found.waits_for.contains("TestA"), "{takes}: {found:?}");
    }
}

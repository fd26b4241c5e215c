//! Ends that a `return`, `continue` or `break` skips, of things that are made in a round of a loop or in the code under test.

use super::kind::{all, fact_and_fix, goroutine, line, of};
use super::late::leak;
use crate::leak::*;

/// The last fact and the fix of the one goroutine, which `open` starts and which waits in `work` for its channel to be closed.
fn fix(open: &str, used: &str) -> String {
    fact_and_fix(&leak(
        &source(open, used),
        "chan receive",
        "m.(*sub).work",
        "m.open",
    ))
}

fn source(open: &str, used: &str) -> String {
    format!(
        r#"package m
import "testing"
type sub struct{{ quit chan int }}
func open() {open}
	s := &sub{{make(chan int)}}
	go s.work() // go 21
	return RESULT
}}
func (s *sub) work() {{
	<-s.quit // 21
}}
func (s *sub) Close() {{ close(s.quit) }}
{used}
"#
    )
    .replace("RESULT", if open.contains(',') { "s, nil" } else { "s" })
}

const LOOP: &str = r#"func TestA(t *testing.T) {
	for _, one := range cases {
		s := open() // made
		if one.empty {
			continue // skips
		}
		println(one)
		s.Close() // ends
	}
}"#;

fn at(source: &str, mark: &str) -> String {
    format!("line {}", line(source, mark))
}

fn short(source: &str, mark: &str) -> String {
    format!("x.go:{}", line(source, mark))
}

#[test]
fn a_continue_before_the_end_of_what_its_round_has_made_is_named() {
    let all = source("*sub {", LOOP);
    assert_eq!(
        fix("*sub {", LOOP),
        format!(
            "the `continue` ({skips}) comes before `s.Close()` ({}): `s.Close()` before the `continue` ({skips}) too",
            short(&all, "// ends"),
            skips = short(&all, "// skips")
        )
    );
    // Also one of a loop around.
    let outer = LOOP
        .replace("\tfor _, one", "all:\n\tfor _, one")
        .replace("continue //", "for {\n\t\t\t\tcontinue all\n\t\t\t} //");
    assert!(fix("*sub {", &outer).starts_with("the `continue`"), "{outer}");
    let gone = LOOP.replace("continue //", "break //");
    assert!(fix("*sub {", &gone).starts_with("the `break` (x.go:17) comes before `s.Close()`"));
}

#[test]
fn a_continue_that_skips_no_end_is_not_named() {
    for (is, by) in [
        // Of an inner loop, or behind the end.
        ("continue // skips", "for range 3 {\n\t\t\t\tcontinue\n\t\t\t}"),
        ("continue // skips", "s.Close()\n\t\t\tcontinue"),
        (
            "continue // skips",
            "select {\n\t\t\tdefault:\n\t\t\t\tbreak\n\t\t\t}",
        ),
        // The error check of what makes it, also further on.
        ("if one.empty {", "if s == nil {"),
        // What it is kept in lives on.
        ("s := open()", "s = open()"),
    ] {
        let other = LOOP.replace(is, by);
        let found = fix("*sub {", &other);
        assert!(!found.contains("comes before"), "{by}: {found}");
    }
    let checked = |between: &str| {
        let body = LOOP
            .replace("s := open() // made", &format!("s, err := open()\n\t\t{between}"))
            .replace("one.empty", "err != nil");
        fix("(*sub, error) {", &body)
    };
    for between in ["println(1)", "var n = 1"] {
        let found = checked(between);
        assert!(!found.contains("comes before"), "{between}: {found}");
    }
    let found = checked("err = work(s)");
    assert!(found.contains("comes before"), "{found}");
}

#[test]
fn an_end_in_each_branch_is_on_every_way() {
    let both = LOOP.replace(
        "if one.empty {\n\t\t\tcontinue // skips\n\t\t}",
        "if one.empty {\n\t\t\ts.Close()\n\t\t} else {\n\t\t\ts.Close()\n\t\t}\n\t\tcontinue",
    );
    let found = fix("*sub {", &both);
    assert!(!found.contains("comes before"), "{found}");
}

#[test]
fn a_continue_in_the_code_under_test_is_named_where_all_others_are_ended() {
    let sync = LOOP.replace("func TestA(t *testing.T)", "func syncAll()")
        + "\nfunc TestA(t *testing.T) { syncAll() }";
    let all = source("*sub {", &sync);
    assert_eq!(
        fix("*sub {", &sync),
        format!(
            "the `continue` (x.go:{skips}) comes without `s.Close()` (x.go:{}), which is on another way through its loop: call `s.Close()` before the `continue` (x.go:{skips}) too",
            line(&all, "// ends"),
            skips = line(&all, "// skips")
        )
    );
    let other = format!("{sync}\nfunc TestB(t *testing.T) {{ open() }}");
    assert!(fix("*sub {", &other).contains(": call `s.Close()`"), "{other}");
    let more = sync.replace("{ syncAll() }", "{\n\tsyncAll()\n\topen()\n}");
    let found = fix("*sub {", &more);
    assert!(!found.contains("continue"), "{found}");
}

/// A goroutine that waits for what its own round makes.
const ROUND: &str = r#"package m
import ("context"; "testing")
func run(ctx context.Context) {
	for _, job := range jobs {
		MADE // made
		go work(ARG) // go 21
		if job.done {
			continue // skips
		}
		job.run()
		END // ends
	}
}
func work(PARAMETER) {
	WAIT // 21
}
func TestA(t *testing.T) { run(t.Context()) }
"#;

fn round(made: &str, arg: &str, parameter: &str, wait: &str, end: &str) -> (String, Cause) {
    let source = ROUND
        .replace("MADE", made)
        .replace("ARG", arg)
        .replace("PARAMETER", parameter)
        .replace("WAIT", wait)
        .replace("END", end);
    let found = leak(&source, "chan receive", "m.work", "m.run");
    (source, found)
}

#[test]
fn a_continue_before_the_close_of_a_channel_is_named() {
    let (source, found) = round(
        "done := make(chan struct{})",
        "done",
        "done chan struct{}",
        "<-done",
        "close(done)",
    );
    let (skips, ends) = (at(&source, "// skips"), at(&source, "// ends"));
    assert_eq!(
        found.waits_for,
        format!(
            "a value from `done`: the loop of run may go on with its next round ({skips}) before it gets to `close(done)` ({ends})"
        )
    );
    assert_eq!(
        found.fix,
        format!("`close(done)` before the `continue` ({skips}) too, as on the other way ({ends})")
    );
}

#[test]
fn a_continue_before_the_cancel_of_a_context_is_named() {
    let (source, found) = round(
        "one, cancel := context.WithCancel(ctx)",
        "one",
        "ctx context.Context",
        "<-ctx.Done()",
        "cancel()",
    );
    let (skips, ends) = (at(&source, "// skips"), at(&source, "// ends"));
    assert_eq!(
        fact_and_fix(&found),
        format!(
            "the `continue` ({skips}) comes before `cancel()` ({ends}): `cancel()` before the `continue` ({skips}) too"
        )
    );
}

#[test]
fn a_return_before_the_close_of_a_pipes_reader_is_named() {
    let source = r#"package m
import ("errors"; "io"; "testing")
func snapshot() io.ReadCloser {
	pr, pw := io.Pipe()
	go work(pw) // go 21
	return pr
}
func work(pw *io.PipeWriter) {
	io.WriteString(pw, "all") // 21
}
func copyTo(w io.Writer, old bool) error {
	snap := snapshot() // made
	if _, err := w.Write(nil); err != nil {
		snap.Close()
		return err
	}
	if old {
		return errors.New("old") // skips
	}
	defer snap.Close() // ends
	_, err := io.Copy(w, snap)
	return err
}
func TestA(t *testing.T) { copyTo(io.Discard, true) }
"#;
    let fix = |source: &str| {
        let above = "io.(*pipe).write(0x1)\n\t/go/src/io/pipe.go:1 +0x1\nio.(*PipeWriter).Write(0x1)\n\t/go/src/io/pipe.go:2 +0x1\nio.WriteString(0x1)\n\t/go/src/io/io.go:3 +0x1\n";
        let dump = goroutine(21, "select", above, "m.work", source)
            .replace("created by m.TestA", "created by m.snapshot");
        fact_and_fix(of(&all(&dump, source), "m.work"))
    };
    assert_eq!(
        fix(source),
        format!(
            "the `return` ({}) comes before `snap.Close()` ({ends}): `defer snap.Close()` right after {}, in place of {ends}",
            at(source, "// skips"),
            at(source, "// made"),
            ends = at(source, "// ends")
        )
    );
    // Of two that may be left, it is not known which one was.
    let two = source.replace("TestA(t *testing.T) {", "TestA(t *testing.T) { snapshot();");
    assert!(!fix(&two).contains("comes before"), "{}", fix(&two));
}

#[test]
fn a_return_before_the_call_of_a_returned_function_is_named() {
    let source = |body: &str| {
        format!(
            "package m\nimport \"testing\"\nfunc open() (int, func()) {{\n\tquit := make(chan int)\n\tgo work(quit) // go 21\n\treturn 1, func() {{ close(quit) }}\n}}\nfunc work(quit chan int) {{\n\t<-quit // 21\n}}\nfunc TestA(t *testing.T) {{\n\tn, stop := open()\n{body}}}\n"
        )
    };
    let found = |body: &str| leak(&source(body), "chan receive", "m.work", "m.open");
    let early = fact_and_fix(&found("\tif n < 2 {\n\t\treturn\n\t}\n\tstop()\n"));
    assert_eq!(
        early,
        "the `return` (line 14) comes before `stop()` (line 16): `defer stop()` right after line 12, in place of line 16"
    );
    let never = found("\tprintln(n)\n").fix;
    assert!(
        never.starts_with("call the function that `open` returns"),
        "{never}"
    );
}

#[test]
fn a_return_before_the_close_of_what_ends_a_loop_is_named() {
    let source = r#"package m
import "testing"
func run(job func() error) error {
	stop := make(chan int)
	go beat(stop) // go 21
	if err := job(); err != nil {
		return err // leaves
	}
	close(stop) // ends
	return nil
}
func beat(stop chan int) {
	t := time.NewTicker(time.Second)
	defer t.Stop()
	for {
		select { // 21
		case <-stop:
			return
		case <-t.C:
		}
	}
}
func TestA(t *testing.T) { run(fails) }
"#;
    let fact = fact_and_fix(&leak(source, "select", "m.beat", "m.run"));
    let [leaves, ends] = ["// leaves", "// ends"].map(|mark| at(source, mark));
    assert_eq!(
        fact,
        format!(
            "run may return ({leaves}) before it gets to `close(stop)` ({ends}): `close(stop)` before the `return` ({leaves}) too: `defer close(stop)` in place of the one that comes later ({ends})"
        )
    );
}

#[test]
fn the_return_with_which_a_constructor_leaves_what_it_has_started_is_named() {
    let source = |first: &str, then: &str| {
        format!(
            r#"package m
type client struct{{ quit chan int }}
func Dial(fail bool) (*client, error) {{
	c := &client{{make(chan int)}}
	go c.work() // go 21
	if err := c.greet(); err != nil {{
		{first}return nil, err // first
	}}
	if err := c.hello(); err != nil {{
		{then}return nil, err // then
	}}
	return c, nil
}}
func (c *client) work() {{
	<-c.quit // 21
}}
func (c *client) Close() {{ close(c.quit) }}
func TestA(t *testing.T) {{
	c, err := Dial(true)
	if err == nil {{
		c.Close()
		t.Fatal("connected")
	}}
}}
"#
        )
    };
    let fix = |source: &str| leak(source, "chan receive", "m.(*client).work", "m.Dial").fix;
    for (first, then, mark) in [("c.Close(); ", "", "// then"), ("", "c.Close(); ", "// first")] {
        let source = source(first, then);
        assert_eq!(
            fix(&source),
            format!(
                "call `c.Close()` before the `return` (x.go:{}) with which Dial gives back its error: the test gets nothing that it could close",
                line(&source, mark)
            )
        );
    }
    // Where each closes it, the source does not say which one leaves it.
    let found = fix(&source("c.Close(); ", "c.Close(); "));
    assert!(!found.contains("before the `return`"), "{found}");
}

#[test]
fn a_break_that_leaves_only_the_select_of_a_loop_that_sleeps_is_named() {
    let source = |first: &str| {
        format!(
            r#"package m
import "time"
type up struct{{ quit, next chan int }}
func open() *up {{
	u := &up{{make(chan int), make(chan int)}}
	go u.work() // go 21
	return u
}}
func (u *up) work() {{
	for {{
		time.Sleep(time.Second) // 21
		if bad() {{
			select {{
			{first}
			case <-time.After(1):
			}}
			continue
		}}
		select {{
		case <-u.quit:
			return
		default:
		}}
	}}
}}
func (u *up) Close() {{ close(u.quit) }}
func TestA(t *testing.T) {{
	u := open()
	u.Close()
}}
"#
        )
    };
    let fix = |source: &str| {
        let above = "time.Sleep(0x1)\n\t/go/src/runtime/time.go:300 +0x1\n";
        let dump = goroutine(21, "sleep", above, "m.(*up).work", source)
            .replace("created by m.TestA", "created by m.open");
        of(&all(&dump, source), "m.(*up).work").fix.clone()
    };
    let stays = source("case <-u.quit:\n\t\t\t\tbreak // stays");
    assert_eq!(
        fix(&stays),
        format!(
            "`return` in place of the `break` ({}) in the case `<-u.quit`, or `break` with a label: it leaves only the select, not the loop",
            at(&stays, "// stays")
        )
    );
    for other in ["case <-u.quit:\n\t\t\t\treturn", "case <-u.next:\n\t\t\t\tbreak"] {
        let found = fix(&source(other));
        assert!(!found.contains("leaves only the select"), "{other}: {found}");
    }
}

#[test]
fn a_return_before_the_one_close_of_a_method_is_named() {
    let source = |close: &str| {
        format!(
            r#"package m
import ("net"; "sync")
type session struct {{
	conn net.Conn
	once sync.Once
	err error
}}
func open(conn net.Conn) *session {{
	s := &session{{conn: conn}}
	go s.work() // go 21
	return s
}}
func (s *session) work() {{
	s.conn.Read(nil) // 21
}}
func (s *session) teardown() {{ s.conn.Close() }}
func (s *session) Close() error {{
	s.once.Do(func() {{
		{close}
	}})
	return s.err
}}
func TestA(t *testing.T) {{
	s := open(nil)
	s.Close() // called
}}
"#
        )
    };
    const READ: &str = "internal/poll.runtime_pollWait()\n\t/go/src/runtime/netpoll.go:1 +0x1\nnet.(*conn).Read()\n\t/go/src/net/net.go:2 +0x1\n";
    let fix = |source: &str| {
        let dump = goroutine(21, "IO wait", READ, "m.(*session).work", source)
            .replace("created by m.TestA", "created by m.open");
        fact_and_fix(of(&all(&dump, source), "m.(*session).work"))
    };
    let early =
        source("if err := s.bye(); err != nil {\n\t\t\treturn // early\n\t\t}\n\t\ts.teardown() // ends");
    assert_eq!(
        fix(&early),
        format!(
            "`s.Close` is called ({}), but it may return (x.go:{}) before `s.teardown()` (x.go:{ends}): do `s.teardown()` (x.go:{ends}) on every path, with a `defer` in its place",
            short(&early, "// called"),
            line(&early, "// early"),
            ends = line(&early, "// ends")
        )
    );
    for other in [
        "defer s.teardown()\n\t\tif err := s.bye(); err != nil {\n\t\t\treturn\n\t\t}",
        "if err := s.bye(); err != nil {\n\t\t\ts.teardown()\n\t\t\treturn\n\t\t}\n\t\ts.teardown()",
        "if s.err == nil {\n\t\t\treturn\n\t\t}\n\t\ts.teardown()",
    ] {
        let found = fix(&source(other));
        assert!(!found.contains("it may return"), "{other}: {found}");
    }
}

#[test]
fn a_once_that_another_method_has_used_up_is_named() {
    let source = |start: &str, test: &str| {
        format!(
            r#"package m
import "sync"
type match struct {{
	start, stop chan int
	once, other sync.Once
}}
func open() *match {{
	m := &match{{start: make(chan int), stop: make(chan int)}}
	go m.work() // go 21
	return m
}}
func (m *match) work() {{
	<-m.stop // 21
}}
func (m *match) Start() {{ {start} }} // start
func (m *match) Abort() {{ m.once.Do(func() {{ close(m.stop) }}) }} // abort
func (m *match) end() {{ close(m.stop) }}
func TestA(t *testing.T) {{
	m := open()
	{test}
	m.Abort() // called
}}
"#
        )
    };
    let fix = |source: &str| fact_and_fix(&leak(source, "chan receive", "m.(*match).work", "m.open"));
    let shared = source("m.once.Do(func() { close(m.start) })", "m.Start()");
    assert_eq!(
        fix(&shared),
        format!(
            "`Abort` of the match is called (x.go:{}), but its `m.once.Do` (x.go:{}) does nothing where that of Start (x.go:{}) has run: give it a Once of its own",
            line(&shared, "// called"),
            line(&shared, "// abort"),
            line(&shared, "// start")
        )
    );
    for other in [
        source("m.other.Do(func() { close(m.start) })", "m.Start()"),
        source("m.once.Do(func() { close(m.start); m.end() })", "m.Start()"),
        source("m.once.Do(func() { close(m.start); close(m.stop) })", "m.Start()"),
        source("m.once.Do(func() { close(m.start) })", ""),
    ] {
        let found = fix(&other);
        assert!(!found.contains("a Once of its own"), "{other}: {found}");
    }
}

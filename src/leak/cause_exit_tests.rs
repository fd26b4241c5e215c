//! Ends that a `return`, `continue` or `break` skips, of things that are made in a round of a loop or in the code under test.

use super::cause_kind_tests::{all, fact_and_fix, goroutine, line, of};
use super::cause_late_tests::leak;
use super::*;

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

#[test]
fn a_continue_before_the_end_of_what_its_round_has_made_is_named() {
    let all = source("*sub {", LOOP);
    assert_eq!(
        fix("*sub {", LOOP),
        format!(
            "the `continue` ({skips}) comes before `s.Close()` ({}): `s.Close()` before the `continue` ({skips}) too",
            at(&all, "// ends"),
            skips = at(&all, "// skips")
        )
    );
    // Also one of a loop around.
    let outer = LOOP
        .replace("\tfor _, one", "all:\n\tfor _, one")
        .replace("continue //", "for {\n\t\t\t\tcontinue all\n\t\t\t} //");
    assert!(fix("*sub {", &outer).starts_with("the `continue`"), "{outer}");
    let gone = LOOP.replace("continue //", "break //");
    assert!(fix("*sub {", &gone).starts_with("the `break` (line 17) comes before `s.Close()`"));
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

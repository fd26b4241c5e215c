//! Causes of goroutines that want a lock which they hold themselves.

use super::kind::{all, line, words};
use crate::leak::*;

const LOCK: &str = "internal/sync.runtime_SemacquireMutex(0x1)\n\t/go/src/runtime/sema.go:1 +0x1\nsync.(*Mutex).Lock(...)\n\t/go/src/sync/mutex.go:1\n";

/// A goroutine with these calls, innermost first: each with its arguments, and the mark of its line.
fn stack(source: &str, calls: &[(&str, &str)]) -> String {
    let frame = |(call, mark): &(&str, &str)| format!("{call}\n\t/m/x.go:{} +0x1\n", line(source, mark));
    let frames: String = calls.iter().map(frame).collect();
    format!(
        "goroutine 21 [sync.Mutex.Lock]:\n{LOCK}{frames}created by m.TestA in goroutine 10\n\t/m/x.go:{} +0x2\n\n",
        line(source, "// go")
    )
}

fn cause(source: &str, calls: &[(&str, &str)]) -> Cause {
    all(&stack(source, calls), source).remove(0).cause
}

const LESSOR: &str = r#"package m
import "sync"
type Lessor struct {
	mu sync.Mutex
	cp func(int)
}
func (l *Lessor) Checkpoint(id int) {
	l.mu.Lock() // wants
	defer l.mu.Unlock()
}
func (l *Lessor) Renew(id int) {
	l.mu.Lock() // holds
	defer l.mu.Unlock()
	l.cp(id) // calls
}
func TestA() {
	l, other := &Lessor{}, &Lessor{}
	l.cp, other.cp = other.Checkpoint, l.Checkpoint
	go l.Renew(7) // go
}
"#;

#[test]
fn a_lock_that_a_callback_wants_again_is_the_goroutines_own_where_both_receivers_are_one() {
    let of = |inner: &str| {
        cause(
            LESSOR,
            &[
                (&format!("m.(*Lessor).Checkpoint({inner}, 0x7)"), "// wants"),
                ("m.(*Lessor).Renew(0xc000102030, 0x7)", "// calls"),
            ],
        )
    };
    let (holds, calls) = (line(LESSOR, "// holds"), line(LESSOR, "// calls"));
    let same = of("0xc000102030");
    assert_eq!(
        same.waits_for,
        format!("`l.mu`, a mutex that it has locked itself at x.go:{holds}, further up its own stack")
    );
    assert_eq!(
        same.fix,
        format!("call `l.cp` (x.go:{calls}) before `l.mu` is locked (x.go:{holds}) or after its Unlock")
    );
    let other = words(&of("0xc000102990"));
    assert!(!other.contains("own stack"), "{other}");
}

#[test]
fn where_the_dump_shows_no_receiver_the_cause_says_what_is_seen() {
    let found = cause(
        LESSOR,
        &[
            ("m.(*Lessor).Checkpoint(...)", "// wants"),
            ("m.(*Lessor).Renew(0xc000102030?, 0x7)", "// calls"),
        ],
    );
    let holds = line(LESSOR, "// holds");
    assert_eq!(
        found.waits_for,
        format!(
            "`l.mu`, a mutex that no other goroutine is seen to hold: this one has locked `l.mu` at x.go:{holds}, further up its own stack"
        )
    );
}

#[test]
fn a_method_value_that_a_field_holds_shows_the_receiver_too() {
    let found = |to: &str| {
        let source = LESSOR.replace(
            "l.cp, other.cp = other.Checkpoint, l.Checkpoint",
            &format!("other.mu.Unlock(); l.cp = {to}.Checkpoint"),
        );
        let calls = [
            ("m.(*Lessor).Checkpoint(...)", "// wants"),
            ("m.(*Lessor).Renew(...)", "// calls"),
        ];
        words(&cause(&source, &calls))
    };
    let own = found("l");
    assert!(own.contains("it has locked itself"), "{own}");
    let other = found("other");
    assert!(!other.contains("own stack"), "{other}");
}

#[test]
fn one_lock_that_two_structs_keep_is_not_two() {
    let source = r#"package m
import "sync"
type part struct {
	mu *sync.Mutex
	next *part
}
func (p *part) outer() {
	p.mu.Lock() // holds
	defer p.mu.Unlock()
	p.next.inner() // calls
}
func (p *part) inner() {
	p.mu.Lock() // wants
	defer p.mu.Unlock()
}
func TestA() {
	mu := new(sync.Mutex)
	p := &part{mu: mu, next: &part{mu: mu}}
	go p.outer() // go
}
"#;
    let found = cause(
        source,
        &[
            ("m.(*part).inner(0xc000102990)", "// wants"),
            ("m.(*part).outer(0xc000102030)", "// calls"),
        ],
    );
    assert!(found.waits_for.contains("further up its own stack"), "{found:?}");
}

#[test]
fn a_listener_that_locks_what_its_caller_has_read_locked_is_to_be_called_later() {
    let source = r#"package m
import "sync"
type Topic struct {
	mu sync.RWMutex
	all []func(*Topic)
}
func (t *Topic) On(fn func(*Topic)) {
	t.mu.Lock() // wants
	defer t.mu.Unlock()
}
func (t *Topic) Emit() {
	t.mu.RLock() // holds
	defer t.mu.RUnlock()
	for _, fn := range t.all {
		fn(t) // calls
	}
}
func TestA() {
	var tp Topic
	tp.all = append(tp.all, func(t *Topic) {
		t.On(nil) // listener
	})
	go tp.Emit() // go
}
"#;
    let found = cause(
        source,
        &[
            ("m.(*Topic).On(0xc000102030, 0x0)", "// wants"),
            ("m.TestA.func1(0xc000102030)", "// listener"),
            ("m.(*Topic).Emit(0xc000102030)", "// calls"),
        ],
    );
    let (holds, calls) = (line(source, "// holds"), line(source, "// calls"));
    assert!(
        found.waits_for.ends_with(&format!(
            "that it has read-locked itself at x.go:{holds}, further up its own stack: Lock waits until no reader is left"
        )),
        "{found:?}"
    );
    assert!(
        found.fix.starts_with(&format!(
            "call `fn` (x.go:{calls}) after the RUnlock of `t.mu` (read-locked at x.go:{holds}), in a loop over a copy"
        )),
        "{found:?}"
    );
}

#[test]
fn a_lock_that_one_function_takes_twice_is_taken_once() {
    let source = r#"package m
import "sync"
func work(mu *sync.Mutex) {
	mu.Lock() // holds
	println()
	mu.Lock() // wants
}
func TestA() {
	go work(new(sync.Mutex)) // go
}
"#;
    let found = cause(source, &[("m.work(0xc000102030)", "// wants")]);
    let (holds, wants) = (line(source, "// holds"), line(source, "// wants"));
    assert_eq!(
        found.waits_for,
        format!("`mu`, a mutex that it has locked itself at x.go:{holds}")
    );
    assert_eq!(
        found.fix,
        format!("do not lock `mu` again (x.go:{wants}) before its Unlock: lock it once for both")
    );
}

#[test]
fn a_call_under_a_lock_that_it_wants_has_only_the_ways_out_that_there_are() {
    let fix = |before: &str| {
        let source = format!(
            "package m\nimport \"sync\"\ntype session struct {{\n\tmu sync.Mutex\n\tover bool\n}}\nfunc (s *session) expire() {{\n\ts.mu.Lock() // holds\n\tdefer s.mu.Unlock()\n{before}\ts.Close() // calls\n}}\nfunc (s *session) Close() {{\n\ts.mu.Lock() // wants\n}}\nfunc TestA(t *testing.T) {{\n\ts := &session{{}}\n\tgo s.expire() // go\n}}\n"
        );
        let found = cause(
            &source,
            &[
                ("m.(*session).Close(0xc000102030)", "// wants"),
                ("m.(*session).expire(0xc000102030)", "// calls"),
            ],
        );
        found.fix
    };
    const PART: &str = ", or let it run a part of Close that expects the lock to be held";
    assert_eq!(
        fix(""),
        format!("call `s.Close` (x.go:10) before `s.mu` is locked (x.go:8) or after its Unlock{PART}")
    );
    assert_eq!(
        fix("\tif s.over {\n\t\treturn\n\t}\n"),
        format!("call `s.Close` (x.go:13) after the Unlock of `s.mu` (locked at x.go:8){PART}")
    );
}

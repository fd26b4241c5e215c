//! Causes by kind, each in a few shapes: what a clock hands out, who stops it, what a field keeps, who holds which lock.

use crate::leak::judge_tests::{evidence, judged, judged_files, sightings};
use crate::leak::*;

/// The line of a mark, from 1.
pub(in crate::leak) fn line(source: &str, mark: &str) -> usize {
    source.lines().position(|line| line.contains(mark)).expect(mark) + 1
}

/// The last fact that a cause tells, and what to do: `the fact: the fix`.
pub(super) fn fact_and_fix(cause: &Cause) -> String {
    let fact = cause.waits_for.rsplit("; ").next().unwrap_or_default();
    format!("{fact}: {}", cause.fix)
}

/// All words of a cause.
pub(super) fn words(cause: &Cause) -> String {
    format!(
        "{} | {} | {}",
        cause.waits_for,
        cause.notes.join(" | "),
        cause.fix
    )
}

/// A goroutine that waits in `func` at the line marked `// ID`, started at the one marked `// go ID`.
pub(super) fn goroutine(id: u32, state: &str, above: &str, func: &str, source: &str) -> String {
    let go = line(source, &format!("// go {id}"));
    let at = source
        .lines()
        .position(|line| line.ends_with(&format!("// {id}")) && !line.contains("// go"))
        .expect("a mark")
        + 1;
    format!(
        "goroutine {id} [{state}]:\n{above}{func}()\n\t/m/x.go:{at} +0x1\ncreated by m.TestA in goroutine 10\n\t/m/x.go:{go} +0x2\n\n"
    )
}

pub(super) fn only(state: &str, source: &str) -> Cause {
    let dump = goroutine(21, state, "", "m.work", source);
    judged(&evidence(sightings(&dump)), source).remove(0).cause
}

pub(super) fn all(dump: &str, source: &str) -> Vec<Group> {
    judged(&evidence(sightings(dump)), source)
}

pub(super) fn of<'a>(groups: &'a [Group], owner: &str) -> &'a Cause {
    let found = groups.iter().find(|group| group.owner.as_str() == owner);
    &found.expect(owner).cause
}

/// A program whose goroutine waits for a timer.
fn timed(wait: &str, test: &str) -> String {
    format!(
        "package m\nimport \"time\"\ntype bell struct{{ t *time.Timer }}\nfunc (b *bell) off() {{\n\tb.t.Stop()\n}}\n{wait}\nfunc TestA() {{\n{test}\n}}\n"
    )
}

#[test]
fn whether_a_timer_was_stopped_by_a_method_hangs_on_the_test_that_calls_it() {
    let wait = "func (b *bell) work() {\n\t<-b.t.C // 21\n}\nfunc ring(d time.Duration) *bell {\n\tb := &bell{t: time.NewTimer(d)}\n\tgo b.work() // go 21\n\treturn b\n}";
    let stopped = only("chan receive", &timed(wait, "\tring(time.Hour).off()"));
    assert_eq!(stopped.code, CauseCode::ReceiveNoSender, "{stopped:?}");
    assert!(stopped.waits_for.contains("`b.t.Stop` (line 5)"), "{stopped:?}");
    let runs = only("chan receive", &timed(wait, "\tring(2 * time.Hour)"));
    assert_eq!(runs.code, CauseCode::TimerPending, "{runs:?}");
    assert!(runs.waits_for.contains("a timer of 2h"), "{runs:?}");
}

#[test]
fn a_timer_that_was_started_again_runs_and_a_second_value_never_comes() {
    let again = timed(
        "func work(t *time.Timer) {\n\t<-t.C // 21\n}",
        "\tt := time.NewTimer(time.Second)\n\tt.Stop()\n\tt.Reset(3 * time.Hour)\n\tgo work(t) // go 21",
    );
    assert_eq!(only("chan receive", &again).code, CauseCode::TimerPending);
    let twice = timed(
        "func work(t *time.Timer) {\n\t<-t.C\n\t<-t.C // 21\n}",
        "\tgo work(time.NewTimer(time.Hour)) // go 21",
    );
    let cause = only("chan receive", &twice);
    assert_eq!(cause.code, CauseCode::ReceiveNoSender, "{cause:?}");
    assert!(cause.waits_for.contains("line 8"), "{cause:?}");
    let over = timed(
        "func work(t *time.Timer) {\n\t<-t.C // 21\n}",
        "\tgo work(time.NewTimer(time.Millisecond)) // go 21",
    );
    let cause = only("chan receive", &over);
    assert_eq!(cause.code, CauseCode::ReceiveNoSender, "{cause:?}");
    assert!(!cause.waits_for.contains("by itself"), "{cause:?}");
}

#[test]
fn one_tick_is_waited_for_and_a_ticker_of_a_fake_clock_comes_when_the_test_moves_it() {
    let tick = timed(
        "func work(t *time.Ticker) {\n\t<-t.C // 21\n}",
        "\tgo work(time.NewTicker(time.Hour)) // go 21",
    );
    let cause = only("chan receive", &tick);
    assert_eq!(cause.code, CauseCode::TimerPending, "{cause:?}");
    assert!(cause.waits_for.contains("a ticker of 1h"), "{cause:?}");
    for (import, made, wait) in [
        (
            "github.com/jonboulle/clockwork",
            "NewFakeClock()",
            "<-c.After(time.Hour)",
        ),
        (
            "github.com/benbjohnson/clock",
            "NewMock()",
            "<-c.Timer(time.Hour).C",
        ),
    ] {
        let name = import.rsplit('/').next().expect("a name");
        let source = format!(
            "package m\nimport (\n\t\"time\"\n\t\"{import}\"\n)\nfunc TestA() {{\n\tc := {name}.{made}\n\tgo func() {{ // go 21\n\t\t{wait} // 21\n\t}}()\n}}\n"
        );
        let clock = "package clock\nimport \"time\"\ntype Clock interface {\n\tAfter(d time.Duration) <-chan time.Time\n\tTimer(d time.Duration) *Timer\n}\ntype FakeClock struct{}\ntype Mock struct{}\ntype Timer struct{ C <-chan time.Time }\nfunc NewFakeClock() *FakeClock { return nil }\nfunc NewMock() *Mock { return nil }\nfunc (c *FakeClock) After(d time.Duration) <-chan time.Time { return make(chan time.Time, 1) }\nfunc (c *Mock) Timer(d time.Duration) *Timer { return &Timer{C: make(chan time.Time, 1)} }\n";
        let file = format!("/mod/{import}@v1.0.0/clock.go");
        let dump = goroutine(21, "chan receive", "", "m.work", &source);
        let seen = format!(
            "goroutine 30 [select]:\n{import}.seen()\n\t{file}:1 +0x1\ncreated by m.TestA in goroutine 10\n\t/m/x.go:1 +0x2\n"
        );
        let groups = judged_files(
            &evidence(sightings(&(dump + &seen))),
            &[("/m/x.go", source.as_str()), (file.as_str(), clock)],
        );
        let cause = of(&groups, "m.work");
        assert_eq!(cause.code, CauseCode::ReceiveNoSender, "{cause:?}");
        assert!(cause.waits_for.contains("fake clock"), "{cause:?}");
    }
}

#[test]
fn a_ticker_of_the_users_own_is_what_its_code_makes_of_it() {
    let source = "package m\ntype Ticker struct{ C chan int }\nfunc NewTicker() *Ticker {\n\treturn &Ticker{C: make(chan int)}\n}\nfunc (t *Ticker) Stop() { close(t.C) }\nfunc work(t *Ticker) {\n\tfor range t.C { // 21\n\t}\n}\nfunc TestA() {\n\tgo work(NewTicker()) // go 21\n}\n";
    let cause = only("chan receive", source);
    assert_eq!(cause.code, CauseCode::RangeNeverClosed, "{cause:?}");
    assert!(cause.fix.contains("`Stop` of the Ticker"), "{cause:?}");
}

#[test]
fn a_cancel_function_that_the_owner_keeps_is_called_by_the_owners_method() {
    for keep in [
        "\to := &owner{end: cancel}\n",
        "\to := new(owner)\n\to.end = cancel\n",
        "\to := new(owner)\n\to.end = func() { cancel() }\n",
        "\to := made(cancel)\n",
    ] {
        let source = format!(
            "package m\nimport \"context\"\ntype owner struct{{ end func() }}\nfunc made(end func()) *owner {{ return &owner{{end: end}} }}\nfunc (o *owner) Finish() {{\n\to.end()\n}}\nfunc work(ctx context.Context) {{\n\t<-ctx.Done() // 21\n}}\nfunc New() *owner {{\n\tctx, cancel := context.WithCancel(context.Background())\n{keep}\tgo work(ctx) // go 21\n\treturn o\n}}\nfunc TestA() {{ New() }}\n"
        );
        let cause = only("chan receive", &source);
        assert_eq!(cause.code, CauseCode::ContextNotCancelled, "{source}{cause:?}");
        assert!(cause.fix.contains("call Finish of `owner`"), "{source}{cause:?}");
    }
}

#[test]
fn of_two_tests_that_call_a_function_the_leaks_own_tells_what_it_was_given() {
    let source = "package m\nimport \"context\"\nfunc Serve(ctx context.Context) {\n\tgo work(ctx) // go 21\n}\nfunc work(ctx context.Context) {\n\t<-ctx.Done() // 21\n}\nfunc TestB() {\n\tctx, cancel := context.WithCancel(context.Background())\n\tdefer cancel()\n\tServe(ctx)\n}\nfunc TestA() {\n\tServe(context.Background())\n}\n";
    let cause = only("chan receive", source);
    assert!(cause.notes[0].contains("context.Background()"), "{cause:?}");
    assert!(!cause.notes[0].contains("TestB"), "{cause:?}");
}

#[test]
fn a_channel_kept_in_a_map_is_closed_through_the_map() {
    let source = "package m\ntype hub struct{ subs map[string]chan int }\nfunc (h *hub) Join(k string) {\n\tc := make(chan int)\n\th.subs[k] = c\n\tgo work(c) // go 21\n}\nfunc (h *hub) Leave(k string) {\n\tclose(h.subs[k])\n}\nfunc work(c chan int) {\n\tfor range c { // 21\n\t}\n}\nfunc TestA() { new(hub).Join(\"a\") }\n";
    let cause = only("chan receive", source);
    assert!(cause.fix.contains("call Leave of `hub`"), "{cause:?}");
}

#[test]
fn a_select_on_channels_that_nothing_makes_is_proven() {
    let source = "package m\nfunc TestA() {\n\tvar a, b chan int\n\tgo func() { // go 21\n\t\tselect { // 21\n\t\tcase <-a:\n\t\tcase b <- 1:\n\t\t}\n\t}()\n}\n";
    let dump = goroutine(21, "select", "", "m.work", source);
    let group = judged(&evidence(sightings(&dump)), source).remove(0);
    assert_eq!(group.cause.code, CauseCode::NilChannel, "{:?}", group.cause);
    assert_eq!(group.evidenced, Evidenced::Proven);
    let made = source.replace("\tgo func", "\tb = make(chan int)\n\tgo func");
    assert_eq!(only("select", &made).code, CauseCode::SelectNoCase);
}

const LOCK: &str = "sync.runtime_SemacquireMutex(0x1)\n\t/go/src/runtime/sema.go:1 +0x1\nsync.(*Mutex).Lock(0x1)\n\t/go/src/sync/mutex.go:1 +0x1\n";
const READ: &str = "sync.runtime_SemacquireRWMutexR(0x1)\n\t/go/src/runtime/sema.go:1 +0x1\nsync.(*RWMutex).RLock(0x1)\n\t/go/src/sync/rwmutex.go:1 +0x1\n";
const WRITE: &str = "sync.runtime_SemacquireRWMutex(0x1)\n\t/go/src/runtime/sema.go:1 +0x1\nsync.(*RWMutex).Lock(0x1)\n\t/go/src/sync/rwmutex.go:1 +0x1\n";

#[test]
fn two_locks_of_one_type_in_two_orders_are_a_cycle_and_no_wait_for_itself() {
    let source = "package m\nimport \"sync\"\ntype acc struct{ mu sync.Mutex }\nfunc move(a, b *acc) {\n\ta.mu.Lock()\n\tdefer a.mu.Unlock()\n\tb.mu.Lock() // 21\n}\nfunc TestA() {\n\tx, y := new(acc), new(acc)\n\tgo move(x, y) // go 21\n\tgo move(y, x) // go 22\n}\n";
    let one = goroutine(21, "sync.Mutex.Lock", LOCK, "m.move", source);
    let two = one
        .replace("goroutine 21", "goroutine 22")
        .replace("x.go:11", "x.go:12");
    for group in all(&(one + &two), source) {
        let told = format!("{:?}", group.cause);
        assert!(told.contains("lock cycle") && !told.contains("itself"), "{told}");
        assert!(group.cause.fix.contains("same order"), "{told}");
    }
}

#[test]
fn a_reader_that_reads_again_waits_behind_the_writer_that_waits_for_it() {
    let source = "package m\nimport \"sync\"\ntype table struct{ mu sync.RWMutex }\nfunc (t *table) sum() {\n\tt.mu.RLock()\n\tdefer t.mu.RUnlock()\n\tt.count() // inner\n}\nfunc (t *table) count() {\n\tt.mu.RLock() // 21\n\tdefer t.mu.RUnlock()\n}\nfunc (t *table) put() {\n\tt.mu.Lock() // 22\n}\nfunc TestA() {\n\tt := new(table)\n\tgo t.sum() // go 21\n\tgo t.put() // go 22\n}\n";
    let reader = goroutine(21, "sync.RWMutex.RLock", READ, "m.(*table).count", source).replace(
        "created by",
        &format!(
            "m.(*table).sum()\n\t/m/x.go:{} +0x1\ncreated by",
            line(source, "// inner")
        ),
    );
    let writer = goroutine(22, "sync.RWMutex.Lock", WRITE, "m.(*table).put", source);
    let groups = all(&(reader + &writer), source);
    let reader = of(&groups, "m.(*table).sum");
    assert!(reader.waits_for.contains("read-locked at x.go:5"), "{reader:?}");
    assert!(reader.waits_for.contains("put waits to write"), "{reader:?}");
    assert!(
        reader.notes.iter().any(|note| note.contains("cycle")),
        "{reader:?}"
    );
    assert!(!reader.fix.contains("same order"), "{reader:?}");
}

#[test]
fn a_lock_taken_again_further_down_the_stack_is_the_goroutines_own() {
    let source = "package m\nimport \"sync\"\ntype bank struct{ mu sync.Mutex }\nfunc (b *bank) pay() {\n\tb.mu.Lock() // 21\n\tdefer b.mu.Unlock()\n}\nfunc (b *bank) twice() {\n\tb.mu.Lock(); defer b.mu.Unlock(); b.pay() // outer\n}\nfunc TestA() {\n\tb := new(bank)\n\tgo b.twice() // go 21\n}\n";
    let dump = goroutine(21, "sync.Mutex.Lock", LOCK, "m.(*bank).pay", source).replace(
        "created by",
        &format!(
            "m.(*bank).twice()\n\t/m/x.go:{} +0x1\ncreated by",
            line(source, "// outer")
        ),
    );
    let cause = all(&dump, source).remove(0).cause;
    assert!(
        cause.waits_for.contains("has locked itself at x.go:9"),
        "{cause:?}"
    );
}

#[test]
fn a_path_that_returns_with_the_lock_held_is_named() {
    let source = "package m\nimport \"sync\"\ntype bank struct{ mu sync.Mutex }\nfunc (b *bank) pay(fail bool) bool {\n\tb.mu.Lock() // 21\n\tif fail {\n\t\treturn false\n\t}\n\tb.mu.Unlock()\n\treturn true\n}\nfunc TestA() {\n\tb := new(bank)\n\tb.pay(true)\n\tgo b.pay(false) // go 21\n}\n";
    let dump = goroutine(21, "sync.Mutex.Lock", LOCK, "m.(*bank).pay", source);
    let cause = all(&dump, source).remove(0).cause;
    assert!(cause.waits_for.contains("returns at line 7"), "{cause:?}");
}

#[test]
fn who_waits_for_a_loggers_lock_waits_for_who_writes() {
    let source = "package m\nimport \"log\"\ntype full struct{ c chan int }\nfunc (f full) Write(p []byte) (int, error) {\n\tf.c <- 1 // 21\n\treturn 0, nil\n}\nfunc TestA() {\n\tl := log.New(full{make(chan int)}, \"\", 0)\n\tgo l.Print(\"a\") // go 21\n\tgo l.Print(\"b\") // go 22\n}\n";
    let writer = goroutine(21, "chan send", "", "m.full.Write", source).replace(
        "created by",
        "log.(*Logger).output(0x1)\n\t/go/src/log/log.go:2 +0x1\nlog.(*Logger).Print(0x1)\n\t/go/src/log/log.go:3 +0x1\ncreated by",
    );
    let waiter = format!(
        "goroutine 22 [sync.Mutex.Lock]:\n{LOCK}log.(*Logger).output(0x1)\n\t/go/src/log/log.go:2 +0x1\nlog.(*Logger).Print(0x1)\n\t/go/src/log/log.go:3 +0x1\ncreated by m.TestA in goroutine 10\n\t/m/x.go:{} +0x2\n",
        line(source, "// go 22")
    );
    let groups = all(&(writer + &waiter), source);
    let waiter = groups
        .iter()
        .find(|group| group.cause.code == CauseCode::MutexLocked)
        .expect("the waiter");
    assert_eq!(
        waiter.cause.waits_for_goroutines[0].reason,
        WaitsBecause::HoldsLock
    );
    assert!(waiter.cause.waits_for.contains("`f.c`"), "{:?}", waiter.cause);
}

#[test]
fn a_sender_and_a_receiver_in_endless_loops_are_not_without_each_other() {
    let source = "package m\nfunc TestA() {\n\tc := make(chan int)\n\tgo func() { // go 21\n\t\tfor {\n\t\t\tc <- 1 // 21\n\t\t}\n\t}()\n\tgo func() { // go 22\n\t\tfor range c { // 22\n\t\t}\n\t}()\n}\n";
    for (sends, receives) in [("runnable", "chan receive"), ("chan send", "runnable")] {
        let sender = goroutine(21, sends, "", "m.TestA.func1", source);
        let receiver = goroutine(22, receives, "", "m.TestA.func2", source);
        let groups = all(&(sender + &receiver), source);
        let sender = of(&groups, "m.TestA.func1");
        assert_eq!(sender.code, CauseCode::SendNoReceiver, "{sender:?}");
        assert!(!sender.waits_for.contains("any more"), "{sender:?}");
        assert!(
            sender
                .waits_for
                .ends_with("receives in a loop, and neither has a way out"),
            "{sender:?}"
        );
    }
    // Where both wait, they do so on two channels.
    let sender = goroutine(21, "chan send", "", "m.TestA.func1", source);
    let receiver = goroutine(22, "chan receive", "", "m.TestA.func2", source);
    let groups = all(&(sender + &receiver), source);
    assert!(
        !words(of(&groups, "m.TestA.func1")).contains("in a loop"),
        "{groups:?}"
    );
}

#[test]
fn a_loop_that_receives_from_the_field_of_another_value_is_not_the_receiver_for_sure() {
    let source = "package m\ntype Box struct{ c chan int }\nfunc (b *Box) put() {\n\tfor {\n\t\tb.c <- 1 // 21\n\t}\n}\nfunc (b *Box) take() {\n\tfor range b.c { // 22\n\t}\n}\nfunc boxed() *Box { return &Box{make(chan int)} }\nfunc TestA() {\n\tx, y := boxed(), boxed()\n\tgo x.put() // go 21\n\tgo y.take() // go 22\n}\n";
    let judge = |source: &str| {
        let dump = goroutine(21, "chan send", "", "m.(*Box).put", source)
            + &goroutine(22, "runnable", "", "m.(*Box).take", source);
        of(&all(&dump, source), "m.(*Box).put").clone()
    };
    assert!(!words(&judge(source)).contains("in a loop"));
    let same = judge(&source.replace("y.take", "x.take"));
    assert!(same.waits_for.contains("in a loop, and neither"), "{same:?}");
    let unknown = judge(
        &source
            .replace("y.take", "boxes[0].take")
            .replace("func TestA", "var boxes []*Box\nfunc TestA"),
    );
    assert!(
        unknown
            .waits_for
            .ends_with("from a channel of that name: if it is the same, neither has a way out"),
        "{unknown:?}"
    );
}

#[test]
fn members_of_a_group_do_not_wait_for_each_other() {
    let source = "package m\nimport \"golang.org/x/sync/errgroup\"\nfunc TestA() {\n\tvar g errgroup.Group\n\thold := make(chan int)\n\tg.Go(func() error { // go 21\n\t\t<-hold // 21\n\t\treturn nil\n\t})\n}\n";
    let member = |id: u32| {
        format!(
            "goroutine {id} [chan receive]:\nm.TestA.func1()\n\t/m/x.go:7 +0x1\ngolang.org/x/sync/errgroup.(*Group).Go.func1()\n\t/mod/golang.org/x/sync@v0.1.0/errgroup/errgroup.go:2 +0x1\ncreated by golang.org/x/sync/errgroup.(*Group).Go in goroutine 10\n\t/mod/golang.org/x/sync@v0.1.0/errgroup/errgroup.go:1 +0x2\n\n"
        )
    };
    for group in all(&(member(21) + &member(22)), source) {
        assert!(group.cause.waits_for_goroutines.is_empty(), "{:?}", group.cause);
        assert!(
            !format!("{:?}", group.cause).contains("cycle"),
            "{:?}",
            group.cause
        );
    }
}

/// A goroutine of a test that a library's Go has started, at the line marked `// here`.
fn launched(creator: &str, entry: &str, source: &str) -> Group {
    let dump = format!(
        "goroutine 21 [chan receive]:\n{entry}()\n\t/m/x_test.go:{} +0x1\n{creator}.func1()\n\t/lib/go.go:2 +0x1\ncreated by {creator} in goroutine 10\n\t/lib/go.go:1 +0x2\n",
        line(source, "// here")
    );
    judged_files(&evidence(sightings(&dump)), &[("/m/x_test.go", source)]).remove(0)
}

#[test]
fn what_a_group_has_started_is_started_where_the_users_code_calls_it() {
    for (creator, call, entry) in [
        (
            "sync.(*WaitGroup).Go",
            "wg.Go(func() {\n\t\t<-c // here\n\t})",
            "m.TestA.func1",
        ),
        (
            "golang.org/x/sync/errgroup.(*Group).Go",
            "g.Go(func() error {\n\t\t<-c // here\n\t\treturn nil\n\t})",
            "m.TestA.func1",
        ),
        ("golang.org/x/sync/errgroup.(*Group).Go", "g.Go(wait)", "m.wait"),
    ] {
        let source = format!(
            "package m\nvar c chan int\nfunc wait() error {{\n\t<-c {}\n\treturn nil\n}}\nfunc TestA() {{\n\t{call}\n}}\n",
            if call.contains("here") { "" } else { "// here" }
        );
        let started = launched(creator, entry, &source).started_at.expect("a line");
        assert_eq!((started.at.line, started.func.as_str()), (8, "m.TestA"), "{call}");
    }
}

#[test]
fn the_spec_of_a_suite_is_named() {
    let ginkgo = "package m\nvar _ = Describe(\"a cart\", func() {\n\tContext(\"when empty\", func() {\n\t\tIt(\"has no sum\", func() {\n\t\t\tgo func() {\n\t\t\t\t<-c // here\n\t\t\t}()\n\t\t})\n\t})\n})\n";
    let group = launched("m.init.func1.1.1", "m.init.func1.1.1.1", ginkgo);
    let notes = group.cause.notes.join(" | ");
    assert!(
        notes.contains("the spec `a cart when empty has no sum` (m/x_test.go:4)")
            || notes.contains("the spec `a cart when empty has no sum` (x_test.go:4)"),
        "{notes}"
    );
    let gocheck =
        "package m\nfunc (s *cart) TestSum(c *check.C) {\n\tgo func() {\n\t\t<-s.c // here\n\t}()\n}\n";
    let group = launched("m.(*cart).TestSum", "m.(*cart).TestSum.func1", gocheck);
    let notes = group.cause.notes.join(" | ");
    assert!(notes.contains("`(*cart).TestSum`"), "{notes}");
}

const SUITE: &str = r#"package m
import . "github.com/onsi/ginkgo/v2"
type hub struct{ quit chan int }
func open() *hub {
	h := &hub{quit: make(chan int)}
	go h.work() // go
	return h
}
func (h *hub) work() { <-h.quit } // here
func (h *hub) Close() { close(h.quit) }
func helper() { open() } // helper
var _ = Describe("hubs", func() {
	BeforeEach(func() {
		h := open() // before
		use(h)
	})
	DescribeTable("sizes", func(n int) {
		helper() // table
	}, Entry("one", 1))
})
func (s *suite) SetUpTest(c *C) {
	s.h = open() // set up
}
"#;

/// What `open` of the suite has started, called through these functions at the lines of these marks.
fn opened(calls: &[(&str, &str)]) -> Cause {
    let calls: Vec<String> = calls
        .iter()
        .map(|(func, mark)| format!("{func}(...)\n\t/m/x_test.go:{} +0x1\n", line(SUITE, mark)))
        .collect();
    let dump = format!(
        "goroutine 21 [chan receive]:\nm.(*hub).work()\n\t/m/x_test.go:{} +0x1\ncreated by m.open in goroutine 10\n\t/m/hub.go:3 +0x2\n[originating from goroutine 10]:\nm.open(...)\n\t/m/hub.go:3 +0x1\n{}created by testing.(*T).Run\n\t/go/src/t.go:2 +0x1\n",
        line(SUITE, "// here"),
        calls.concat()
    );
    let hub = "package m\nfunc open() *hub {\n\tgo h.work()\n}\n";
    let files = [("/m/x_test.go", SUITE), ("/m/hub.go", hub)];
    judged_files(&evidence(sightings(&dump)), &files).remove(0).cause
}

#[test]
fn the_spec_is_found_through_helpers_and_what_it_starts_is_ended_by_its_suite() {
    let before = opened(&[("m.init.func1.1", "// before")]);
    assert!(before.fix.contains("`DeferCleanup(h.Close)`"), "{before:?}");
    assert!(before.notes.join(" ").contains("`hubs BeforeEach`"), "{before:?}");
    let table = opened(&[("m.helper", "// helper"), ("m.init.func1.2", "// table")]);
    assert!(
        table.notes.join(" ").contains("the spec `hubs sizes`"),
        "{table:?}"
    );
    let set_up = opened(&[("m.(*suite).SetUpTest", "// set up")]);
    assert!(!set_up.fix.contains("defer"), "{set_up:?}");
}

#[test]
fn who_comes_back_to_a_channel_in_the_next_round_of_its_loop_is_its_other_end() {
    let source = "package m\nimport \"sync\"\ntype watch struct {\n\tmu sync.Mutex\n\tc chan int\n}\nfunc (w *watch) add() {\n\tw.mu.Lock()\n\tdefer w.mu.Unlock()\n\tw.c <- 1 // 21\n}\nfunc (w *watch) take() {\n\tfor range w.c {\n\t\tw.mu.Lock() // 22\n\t\tw.mu.Unlock()\n\t}\n}\nfunc TestA() {\n\tw := &watch{c: make(chan int, 1)}\n\tgo w.add() // go 21\n\tgo w.take() // go 22\n}\n";
    let adds = goroutine(21, "chan send", "", "m.(*watch).add", source);
    let takes = goroutine(22, "sync.Mutex.Lock", LOCK, "m.(*watch).take", source);
    for group in all(&(adds + &takes), source) {
        let told = format!("{:?}", group.cause);
        assert!(told.contains("cycle of waits"), "{told}");
        assert!(
            group.cause.fix.contains("unlock `w.mu` in m.(*watch).add"),
            "{told}"
        );
    }
}

#[test]
fn a_closure_that_locks_twice_waits_for_itself_also_when_no_call_is_on_the_stack() {
    let source = "package m\nimport \"sync\"\ntype cache struct{ mu sync.Mutex }\nfunc (c *cache) later() {\n\ttime.AfterFunc(1, func() {\n\t\tc.mu.Lock()\n\t\tc.mu.Lock() // 21\n\t})\n}\nfunc TestA() {\n\tnew(cache).later() // go 21\n}\n";
    let dump = goroutine(21, "sync.Mutex.Lock", LOCK, "m.(*cache).later.func1", source).replace(
        "created by m.TestA in goroutine 10\n\t/m/x.go:11",
        "created by time.goFunc\n\t/go/src/time/sleep.go:1",
    );
    let cause = all(&dump, source).remove(0).cause;
    assert!(
        cause.waits_for.contains("has locked itself at x.go:6"),
        "{cause:?}"
    );
}

#[test]
fn a_connection_below_the_users_own_net_conn_is_still_the_servers() {
    let dump = "goroutine 21 [IO wait]:\ninternal/poll.runtime_pollWait(0x1)\n\t/go/src/runtime/netpoll.go:1 +0x1\nnet.(*conn).Read(0x1)\n\t/go/src/net/net.go:1 +0x1\nm.(*counted).Read(0x1)\n\t/m/x.go:3 +0x1\nnet/http.(*connReader).Read(0x1)\n\t/go/src/net/http/server.go:1 +0x1\nnet/http.(*conn).serve(0x1)\n\t/go/src/net/http/server.go:2 +0x1\ncreated by net/http.(*Server).Serve in goroutine 10\n\t/go/src/net/http/server.go:3 +0x2\n";
    let source = "package m\nfunc (c *counted) Read(p []byte) (int, error) {\n\tn, err := c.Conn.Read(p)\n\treturn n, err\n}\n";
    let cause = all(dump, source).remove(0).cause;
    assert_eq!(cause.code, CauseCode::ServerNotClosed, "{cause:?}");
}

/// The frames above `Once.Do` as Go 1.21 and Go 1.26 print them.
#[test]
fn a_once_whose_function_waits_for_the_lock_of_who_waits_for_the_once_is_a_cycle_on_every_go_version() {
    let source = "package m\nimport \"sync\"\ntype conf struct {\n\tmu sync.Mutex\n\tonce sync.Once\n}\nfunc (c *conf) load() {\n\tc.mu.Lock() // 21\n}\nfunc (c *conf) get() {\n\tc.once.Do(c.load) // do\n}\nfunc (c *conf) set() {\n\tc.mu.Lock()\n\tc.once.Do(c.load) // 22\n}\nfunc TestA() {\n\tc := new(conf)\n\tgo c.get() // go 21\n\tgo c.set() // go 22\n}\n";
    let once = "sync.(*Once).doSlow(0x1)\n\t/go/src/sync/once.go:1 +0x1\nsync.(*Once).Do(...)\n\t/go/src/sync/once.go:2\n";
    for lock in [
        "sync.runtime_SemacquireMutex(0x1)\n\t/go/src/runtime/sema.go:1 +0x1\nsync.(*Mutex).lockSlow(0x1)\n\t/go/src/sync/mutex.go:1 +0x1\nsync.(*Mutex).Lock(...)\n\t/go/src/sync/mutex.go:2\n",
        "internal/sync.runtime_SemacquireMutex(0x1)\n\t/go/src/runtime/sema.go:1 +0x1\ninternal/sync.(*Mutex).lockSlow(0x1)\n\t/go/src/internal/sync/mutex.go:1 +0x1\nsync.(*Mutex).Lock(...)\n\t/go/src/sync/mutex.go:2\n",
    ] {
        let runs = goroutine(21, "sync.Mutex.Lock", lock, "m.(*conf).load", source).replace(
            "created by",
            &format!(
                "{once}m.(*conf).get()\n\t/m/x.go:{} +0x1\ncreated by",
                line(source, "// do")
            ),
        );
        let waits = goroutine(
            22,
            "sync.Mutex.Lock",
            &format!("{lock}{once}"),
            "m.(*conf).set",
            source,
        );
        for group in all(&(runs + &waits), source) {
            let told = format!("{:?}", group.cause);
            assert!(told.contains("cycle of waits"), "{told}");
        }
    }
}

#[test]
fn a_loop_without_a_line_has_no_place_to_point_at() {
    let dump = "goroutine 21 [running]:\nm.TestA.func1()\n\t/m/x.go:1 +0x1\ncreated by m.TestA in goroutine 10\n\t/m/x.go:2 +0x2\n";
    let source = "package m\nfunc TestA() { go func() { for {} }() }\n";
    let group = all(dump, source).remove(0);
    assert_eq!(group.cause.code, CauseCode::BusyLoop);
    assert_eq!(group.blocked_at, None);
    assert_eq!(group.started_at.expect("the go statement").at.line, 2);
}

#[test]
fn a_tick_that_leads_back_into_the_loop_is_no_way_out_before_a_timer() {
    let source = timed(
        "func work(done chan int) {\n\ttick := time.NewTicker(1)\n\tafter := time.NewTimer(time.Hour)\n\tfor {\n\t\tselect { // 21\n\t\tcase <-tick.C:\n\t\t\tprintln()\n\t\tcase <-after.C:\n\t\t\treturn\n\t\tcase <-done:\n\t\t\treturn\n\t\t}\n\t}\n}",
        "\tgo work(make(chan int)) // go 21",
    );
    let cause = only("select", &source);
    assert_eq!(cause.code, CauseCode::TimerPending, "{cause:?}");
    assert_eq!(cause.notes, ["no other case is ready before: `<-done`"]);
}

#[test]
fn a_loop_that_counts_its_rounds_and_sleeps_in_each_ends_by_itself() {
    let of = |around: &str| {
        timed(
            &format!(
                "func work(n int) {{\n\tfor {around} {{ // loop\n\t\ttime.Sleep(time.Second) // 21\n\t}}\n}}"
            ),
            "\tgo work(3) // go 21",
        )
    };
    let judged = |source: &str| {
        let sleep = "time.Sleep(0x1)\n\t/go/src/runtime/time.go:1 +0x1\n";
        let dump = goroutine(21, "sleep", sleep, "m.work", source);
        all(&dump, source).remove(0).cause
    };
    let source = of("i := 0; i < 1000; i++");
    let cause = judged(&source);
    assert_eq!(
        cause.waits_for,
        format!(
            "the end of a sleep of 1s, in a loop of 1000 rounds (line {}): it ends by itself after the last one",
            line(&source, "// loop")
        )
    );
    assert!(
        cause
            .fix
            .starts_with("wait for it in the test, or replace time.Sleep"),
        "{cause:?}"
    );
    for around in ["i := 0; i < n; i++", "i := 0; i < 1000; ", ""] {
        let cause = judged(&of(around));
        assert!(!cause.waits_for.contains("rounds"), "{around}: {cause:?}");
    }
}

//! Causes and fixes that hang on what a name means where it is written.

use super::kind::{line, words};
use crate::evidence::Proof;
use crate::leak::judge_tests::{evidence, judged, judged_files, sightings};
use crate::leak::*;

/// A goroutine of `m.work` at the line marked `// here`, started at the one marked `// go`.
fn block(id: u32, state: &str, func: &str, source: &str, here: &str, go: &str) -> String {
    format!(
        "goroutine {id} [{state}]:\n{func}()\n\t/m/x.go:{} +0x1\ncreated by m.TestA in goroutine 10\n\t/m/x.go:{} +0x2\n\n",
        line(source, here),
        line(source, go)
    )
}

fn cause_with(state: &str, source: &str, proof: Proof) -> Cause {
    let mut all = sightings(&block(21, state, "m.work", source, "// here", "// go"));
    all[0].proof = proof;
    judged(&evidence(all), source).remove(0).cause
}

fn cause(state: &str, source: &str) -> Cause {
    cause_with(state, source, Proof::NotAsked)
}

const LATER: &str = r#"package m
import "time"
func Beat(every time.Duration) {
	t := time.NewTicker(every)
	for range t.C {
	}
}
func Later(after time.Duration) (cancel func()) {
	t := time.NewTimer(after)
	go func() { // go
		<-t.C // here
	}()
	return func() { t.Stop() }
}
func TestA(tt *testing.T) { BODY }
"#;

#[test]
fn a_timer_is_no_ticker_of_the_same_name_and_who_stops_it_is_looked_up() {
    let stopped = cause(
        "chan receive",
        &LATER.replace("BODY", "c := Later(time.Hour); c()"),
    );
    assert_eq!(stopped.code, CauseCode::ReceiveNoSender, "{stopped:?}");
    assert!(words(&stopped).contains("never comes"), "{stopped:?}");
    let pending = cause("chan receive", &LATER.replace("BODY", "Later(90 * time.Minute)"));
    assert_eq!(pending.code, CauseCode::TimerPending, "{pending:?}");
    assert!(pending.waits_for.contains("1h30m"), "{pending:?}");
    for cause in [stopped, pending] {
        assert!(!words(&cause).contains("tick"), "{cause:?}");
        assert!(!words(&cause).contains("time.Sleep"), "{cause:?}");
    }
    let proven = cause_with(
        "chan receive",
        &LATER.replace("BODY", "Later(time.Hour)"),
        Proof::Proven,
    );
    assert_eq!(proven.code, CauseCode::ReceiveNoSender);
    assert!(!words(&proven).contains("by itself"), "{proven:?}");
}

#[test]
fn a_drained_or_stopped_timer_never_fires() {
    for body in [
        "w := time.NewTimer(d)\n\tfor {\n\t\tif !w.Stop() {\n\t\t\t<-w.C // here\n\t\t}\n\t\tbreak\n\t}",
        "w := time.NewTimer(d)\n\tw.Stop()\n\tgo func() {\n\t\t<-w.C // here\n\t}()",
    ] {
        let source =
            format!("package m\nimport \"time\"\nfunc work(d time.Duration) {{ // go\n\t{body}\n}}\n");
        let cause = cause("chan receive", &source);
        assert_eq!(cause.code, CauseCode::ReceiveNoSender, "{source}{cause:?}");
        assert!(cause.waits_for.contains("w.Stop"), "{cause:?}");
    }
}

#[test]
fn a_field_and_a_local_context_of_one_name_are_told_apart() {
    let source = r#"package m
import "context"
type Runner struct {
	ctx context.Context
	end context.CancelFunc
	jobs chan func(context.Context)
}
func New() *Runner {
	r := &Runner{jobs: make(chan func(context.Context))}
	r.ctx, r.end = context.WithCancel(context.Background())
	go r.work() // go
	return r
}
func (r *Runner) Halt() { r.end() }
func (r *Runner) work() {
	for {
		select { // here
		case job := <-r.jobs:
			ctx, cancel := context.WithTimeout(r.ctx, 5)
			job(ctx)
			cancel()
		case <-r.ctx.Done():
			return
		}
	}
}
"#;
    let cause = cause("select", source);
    assert_eq!(cause.code, CauseCode::ContextNotCancelled, "{cause:?}");
    assert!(words(&cause).contains("WithCancel in New"), "{cause:?}");
    assert!(cause.fix.contains("`Halt` of the Runner"), "{cause:?}");
    assert!(!words(&cause).contains("by itself"), "{cause:?}");
}

#[test]
fn all_cases_of_a_select_are_read_before_one_is_taken_for_the_cause() {
    let source = r#"package m
import "context"
type hub struct{ quit chan struct{} }
func (h *hub) Shut() { close(h.quit) }
func (h *hub) work(ctx context.Context, in chan int) {
	for {
		select { // here
		case <-ctx.Done():
			return
		case <-h.quit:
			return
		case n := <-in:
			use(n)
		}
	}
}
func New(ctx context.Context) *hub {
	h := &hub{quit: make(chan struct{})}
	go h.work(ctx, make(chan int)) // go
	return h
}
"#;
    let cause = cause("select", source);
    assert_eq!(cause.code, CauseCode::SelectNoCase, "{cause:?}");
    assert!(cause.fix.contains("`Shut` of the hub"), "{cause:?}");
    assert!(!cause.fix.contains("defer cancel()"), "{cause:?}");
}

#[test]
fn a_select_with_a_time_out_is_judged_by_when_it_ends() {
    let source = r#"package m
import "time"
func work(in chan int) {
	select { // here
	case <-in:
	case <-time.After(2 * time.Hour):
	}
}
func New() { go work(make(chan int)) } // go
"#;
    let cause = cause("select", source);
    assert_eq!(cause.code, CauseCode::TimerPending, "{cause:?}");
    assert!(cause.waits_for.contains("2h"), "{cause:?}");
    let all = words(&cause);
    assert!(
        !all.contains("none becomes ready") && !all.contains("time.Sleep"),
        "{cause:?}"
    );
}

#[test]
fn two_tickers_of_one_select_are_both_told_and_a_return_on_the_way_is_seen() {
    let program = |cases: &str| {
        format!(
            "package m\nimport \"time\"\nfunc work(stop chan int) {{\n\ta, b := time.NewTicker(1), time.NewTicker(2)\n\tfor {{\n\t\tselect {{ // here\n{cases}\n\t\t}}\n\t}}\n}}\nfunc New() {{ go work(nil) }} // go\n"
        )
    };
    let both = cause(
        "select",
        &program("\t\tcase <-a.C:\n\t\tcase <-b.C:\n\t\tcase <-stop:\n\t\t\treturn"),
    );
    assert_eq!(both.code, CauseCode::TickerLoop);
    assert!(
        both.waits_for.contains("only `<-a.C` and `<-b.C` ever come"),
        "{both:?}"
    );
    let way_out = cause(
        "select",
        &program("\t\tcase <-a.C:\n\t\t\tif full() {\n\t\t\t\treturn\n\t\t\t}"),
    );
    assert_eq!(way_out.code, CauseCode::TickerLoop);
    assert!(!way_out.waits_for.contains("ever"), "{way_out:?}");
    assert!(way_out.waits_for.contains("`return` of line 9"), "{way_out:?}");
}

#[test]
fn an_unbuffered_channel_made_with_a_size_of_zero_has_no_buffer_to_fill() {
    for (size, code) in [("0", CauseCode::SendNoReceiver), ("3", CauseCode::SendBufferFull)] {
        let source = format!(
            "package m\nconst room = {size}\nfunc TestA() {{\n\tch := make(chan int, room)\n\tgo func() {{ // go\n\t\tch <- 1 // here\n\t}}()\n}}\n"
        );
        let cause = cause("chan send", &source);
        assert_eq!(cause.code, code, "{cause:?}");
    }
}

#[test]
fn the_fix_of_a_worker_names_the_method_that_closes_its_queue() {
    let source = r#"package m
import "sync"
type Pool struct { jobs chan int; once sync.Once }
func (p *Pool) Drain() { p.once.Do(func() { close(p.jobs) }) }
func (p *Pool) work() {
	for range p.jobs { // here
	}
}
func New() *Pool { p := &Pool{jobs: make(chan int)}; go p.work(); return p } // go
"#;
    let cause = cause("chan receive", source);
    assert_eq!(cause.code, CauseCode::RangeNeverClosed);
    assert!(cause.fix.contains("`Drain` of the Pool"), "{cause:?}");
}

const LOCKS: &str = r#"package m
import "sync"
type S struct { mu sync.Mutex; ch chan int }
func (s *S) send() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ch <- 1 // send
}
func (s *S) close() {
	s.mu.Lock() // close
	defer s.mu.Unlock()
	close(s.ch)
}
func (s *S) outer() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inner() // outer
}
func (s *S) inner() {
	s.mu.Unlock()
	s.mu.Lock() // inner
}
func TestA() {
	s := &S{ch: make(chan int)}
	go s.send() // go
	s.mu.Lock() // kept
}
"#;

#[test]
fn who_waits_for_a_lock_names_its_holder_and_what_that_waits_for() {
    let send = block(21, "chan send", "m.(*S).send", LOCKS, "// send", "// go");
    let close = block(22, "sync.Mutex.Lock", "m.(*S).close", LOCKS, "// close", "// go");
    let groups = judged(&evidence(sightings(&(send + &close))), LOCKS);
    let close = groups
        .iter()
        .find(|group| group.owner.as_str() == "m.(*S).close")
        .expect("close");
    assert_eq!(close.cause.code, CauseCode::MutexLocked);
    assert!(close.cause.waits_for.contains("m.(*S).send"), "{:?}", close.cause);
    assert!(close.cause.waits_for.contains("x.go:5"), "{:?}", close.cause);
    assert!(close.cause.waits_for.contains("`s.ch`"), "{:?}", close.cause);
    assert_eq!(
        close.cause.waits_for_goroutines[0].reason,
        WaitsBecause::HoldsLock
    );
    assert_eq!(
        close.cause.waits_for_goroutines[0].goroutines,
        [crate::goroutine::GoroutineId(21)]
    );
}

#[test]
fn a_lock_that_a_callee_has_given_back_is_not_held_further_up() {
    let dump = format!(
        "goroutine 21 [sync.Mutex.Lock]:\nm.(*S).inner()\n\t/m/x.go:{} +0x1\nm.(*S).outer()\n\t/m/x.go:{} +0x1\ncreated by m.TestA in goroutine 10\n\t/m/x.go:{} +0x2\n",
        line(LOCKS, "// inner"),
        line(LOCKS, "// outer"),
        line(LOCKS, "// go")
    );
    let cause = judged(&evidence(sightings(&dump)), LOCKS).remove(0).cause;
    assert!(!words(&cause).contains("waits for itself"), "{cause:?}");
    assert!(
        cause
            .waits_for
            .contains("TestA locked at x.go:26 and never unlocks"),
        "{cause:?}"
    );
}

#[test]
fn one_look_at_a_loop_over_ticks_is_no_busy_loop_and_gives_the_same_leak() {
    let source = r#"package m
import "time"
func work(done chan int) {
	t := time.NewTicker(1)
	for {
		select { // here
		case <-t.C:
			crunch() // at work
		case <-done:
			return
		}
	}
}
func TestA() { go work(make(chan int)) } // go
"#;
    let waits = judged(
        &evidence(sightings(&block(
            21, "select", "m.work", source, "// here", "// go",
        ))),
        source,
    );
    let deep = block(21, "runnable", "m.work", source, "// at work", "// go")
        .replace("m.work()", "math.Sqrt()\n\t/go/src/math/sqrt.go:1 +0x1\nm.work()");
    let works = judged(&evidence(sightings(&deep)), source);
    assert_eq!(waits[0].cause.code, CauseCode::TickerLoop);
    assert_eq!(works[0].cause, waits[0].cause);
    assert_eq!(works[0].fingerprint, waits[0].fingerprint);
    assert_eq!(works[0].blocked_at, waits[0].blocked_at);
    let busy = source.replace(
        "select { // here\n\t\tcase <-t.C:",
        "select { // here\n\t\tdefault:",
    );
    let busy = judged(
        &evidence(sightings(&block(
            21,
            "running",
            "m.work",
            &busy,
            "// at work",
            "// go",
        ))),
        &busy,
    );
    assert_eq!(busy[0].cause.code, CauseCode::BusyLoop);
}

#[test]
fn a_nil_channel_and_an_empty_select_are_proven_by_construction() {
    for (state, body) in [
        ("chan receive (nil chan)", "<-ch"),
        ("select (no cases)", "select {}"),
    ] {
        let source = format!("package m\nfunc work() {{ // go\n\tvar ch chan int\n\t{body} // here\n}}\n");
        let group = judged(
            &evidence(sightings(&block(
                21, state, "m.work", &source, "// here", "// go",
            ))),
            &source,
        )
        .remove(0);
        assert_eq!(group.evidenced, Evidenced::Proven);
        assert!(
            group.cause.waits_for.contains("by construction"),
            "{:?}",
            group.cause
        );
    }
}

#[test]
fn clocks_that_stand_in_for_package_time_are_known() {
    for (imported, made, wait) in [
        ("k8s.io/utils/clock", "c.NewTicker(1)", "<-beat.C()"),
        (
            "github.com/jonboulle/clockwork",
            "c.NewTicker(1)",
            "<-beat.Chan()",
        ),
        ("github.com/benbjohnson/clock", "c.Ticker(1)", "<-beat.C"),
    ] {
        let source = format!(
            "package m\nimport clock \"{imported}\"\nfunc work(c clock.Clock) {{\n\tbeat := {made}\n\tfor {{\n\t\tselect {{ // here\n\t\tcase {wait}:\n\t\t}}\n\t}}\n}}\nfunc TestA() {{ go work(nil) }} // go\n"
        );
        let cause = cause("select", &source);
        assert_eq!(cause.code, CauseCode::TickerLoop, "{imported} {cause:?}");
    }
}

const BOX: &str = r#"package box
type Cache[V any] struct{ control chan any }
func New[V any]() *Cache[V] {
	c := &Cache[V]{make(chan any)}
	go c.worker() // go
	return c
}
func Watch() { go func() { select {} }() }
func (c *Cache[V]) Stop() { close(c.control) }
func (c *Cache[V]) worker() {
	for range c.control { // here
	}
}
"#;

#[test]
fn a_goroutine_of_a_dependency_is_told_by_the_own_call_that_made_it_and_the_method_that_ends_it() {
    let own = "package m\nimport \"example.net/box\"\ntype Server struct{ c *box.Cache[string] }\nfunc NewServer() *Server {\n\treturn &Server{c: box.New[string]()}\n}\nfunc other() { box.New[int]() }\nfunc TestA() { NewServer() }\n";
    let at = |mark| line(BOX, mark);
    let dump = format!(
        "goroutine 21 [chan receive]:\nexample.net/box.(*Cache[...]).worker(0x1)\n\t/mod/example.net/box@v1.0.0/box.go:{} +0x1\ncreated by example.net/box.New[...] in goroutine 10\n\t/mod/example.net/box@v1.0.0/box.go:{} +0x2\n",
        at("// here"),
        at("// go")
    );
    let files = [("/m/x_test.go", own), ("/mod/example.net/box@v1.0.0/box.go", BOX)];
    let cause = judged_files(&evidence(sightings(&dump)), &files).remove(0).cause;
    assert_eq!(cause.code, CauseCode::ClientNotClosed, "{cause:?}");
    let made = cause.made.as_ref().expect("a call");
    assert_eq!((made.call.as_str(), made.at.at.line), ("box.New", 5));
    assert_eq!(made.at.func.as_str(), "NewServer");
    assert_eq!(made.ended_by.as_deref(), Some("Stop"));
    assert!(
        cause.fix.contains("Stop") && cause.fix.contains("x_test.go:5"),
        "{cause:?}"
    );
}

#[test]
fn a_wait_group_names_the_goroutines_whose_done_is_missing() {
    let source = r#"package m
import "sync"
func TestA() {
	var wg, other sync.WaitGroup
	ch := make(chan int)
	go func() { // go a
		defer wg.Done()
		<-ch // a
	}()
	go func() { // go b
		defer other.Done()
		<-ch // b
	}()
	go func() { // go c
		wg.Wait() // c
	}()
}
"#;
    let at = |mark: &str| line(source, mark);
    let worker = |id: u32, name: &str| {
        format!(
            "goroutine {id} [chan receive]:\nm.TestA.func{id}()\n\t/m/x.go:{} +0x1\ncreated by m.TestA in goroutine 10\n\t/m/x.go:{} +0x2\n\n",
            at(&format!("// {name}")),
            at(&format!("// go {name}"))
        )
    };
    let waiter = format!(
        "goroutine 23 [sync.WaitGroup.Wait]:\nsync.runtime_SemacquireWaitGroup(0x1)\n\t/go/src/runtime/sema.go:1 +0x1\nsync.(*WaitGroup).Wait(0x1)\n\t/go/src/sync/waitgroup.go:1 +0x1\nm.TestA.func3()\n\t/m/x.go:{} +0x1\ncreated by m.TestA in goroutine 10\n\t/m/x.go:{} +0x2\n",
        at("// c"),
        at("// go c")
    );
    let dump = worker(21, "a") + &worker(22, "b") + &waiter;
    let groups = judged(&evidence(sightings(&dump)), source);
    let wait = groups
        .iter()
        .find(|group| group.cause.code == CauseCode::WaitGroup)
        .expect("a wait");
    assert_eq!(
        wait.cause.waits_for_goroutines,
        [WaitsFor {
            reason: WaitsBecause::WaitGroup,
            goroutines: vec![crate::goroutine::GoroutineId(21)]
        }]
    );
}

#[test]
fn what_is_dropped_has_to_be_kept_before_it_can_be_called() {
    let waiting = |make: &str, import: &str| {
        let source = format!(
            "package m\nimport (\n\t\"context\"\n\t\"{import}\"\n)\nfunc TestA(t *testing.T) {{\n\tctx, _ := {make}\n\tgo func() {{ // go\n\t\t<-ctx.Done() // here\n\t}}()\n}}\n"
        );
        cause("chan receive", &source)
    };
    let cancel = waiting("context.WithCancel(context.Background())", "testing");
    assert_eq!(
        cancel.fix,
        "keep the cancel function that context.WithCancel returns (line 7), and `defer cancel()`"
    );
    let stop = waiting("signal.NotifyContext(context.Background())", "os/signal");
    assert_eq!(
        stop.fix,
        "keep the stop function that signal.NotifyContext returns (line 7), and `defer stop()`"
    );
}

#[test]
fn a_channel_is_closed_after_the_one_send_that_its_maker_makes() {
    let source = r#"package m
func numbers(done chan int) <-chan int {
	c := make(chan int)
	go func() { // started
		for i := 0; i < 3; i++ {
			c <- i
		}
	}()
	return c
}
func TestA(t *testing.T) {
	go func() { // go
		for range numbers() { // here
		}
	}()
}
"#;
    let range = |source: &str| cause("chan receive", source).fix;
    assert_eq!(
        range(source),
        "close `c` after its last send (line 6): `defer close(c)`"
    );
    // Each of several senders would close it.
    let many = source
        .replace("go func() { // started", "for range 3 { go func() {")
        .replace("}()\n\treturn", "}() }\n\treturn");
    assert!(!range(&many).contains("`c`"), "{}", range(&many));
    // Another one may send.
    let handed_on = source.replace("\treturn c", "\tgo more(c)\n\treturn c");
    assert!(!range(&handed_on).contains("`c`"), "{}", range(&handed_on));
}

#[test]
fn a_loop_whose_closed_channel_does_not_end_it_is_busy() {
    let source = r#"package m
type Spinner struct{ work, stop chan int }
func (s *Spinner) run() {
	for {
		select { // here
		case n := <-s.work:
			_ = n
		case <-s.stop: // case
			break
		}
	}
}
func (s *Spinner) Stop() { close(s.stop) } // close
func TestA(t *testing.T) {
	s := &Spinner{make(chan int), make(chan int)}
	go s.run() // go
	CALL
}
"#;
    let of = |source: &str| {
        let block = block(21, "runnable", "m.(*Spinner).run", source, "// here", "// go");
        judged(&evidence(sightings(&block)), source).remove(0).cause
    };
    let closed = of(&source.replace("CALL", "s.Stop()"));
    assert_eq!(closed.code, CauseCode::BusyLoop, "{closed:?}");
    let [close, case] = ["// close", "// case"].map(|mark| format!("(line {})", line(source, mark)));
    assert!(closed.waits_for.contains(&close), "{closed:?}");
    assert!(
        closed.fix.contains("return in the case `<-s.stop`") && closed.fix.contains(&case),
        "{closed:?}"
    );
    // Caught at work between two waits: nothing has closed the channel, or its case leaves the loop.
    let open = of(&source.replace("CALL", ""));
    assert_eq!(open.code, CauseCode::SelectNoCase, "{open:?}");
    let leaves = of(&source.replace("CALL", "s.Stop()").replace("break\n", "return\n"));
    assert_eq!(leaves.code, CauseCode::SelectNoCase, "{leaves:?}");
}

#[test]
fn a_case_that_goes_on_is_not_said_to_end_the_loop() {
    let cause = cause(
        "select",
        r#"package m
import "time"
type Batcher struct{ in, done chan int }
func work(b *Batcher) {
	for {
		select { // here
		case <-b.in:
			println()
		case <-time.After(time.Second):
			println()
		case <-b.done:
			return
		}
	}
}
func TestA(t *testing.T) {
	b := &Batcher{make(chan int), make(chan int)}
	go work(b) // go
}
"#,
    );
    assert!(cause.waits_for.contains("(`<-b.done`)"), "{cause:?}");
    assert!(!words(&cause).contains("b.in"), "{cause:?}");
}

const TABLE: &str = r#"package m
import "sync"
type Table struct{ mu sync.RWMutex; rows map[string]int }
func (t *Table) Find(key string) int {
	t.mu.RLock()
	if key == "" {
		return 0
	}
	t.mu.RUnlock()
	return 1
}
func (t *Table) Begin() { t.mu.Lock() }
COMMIT
func work(t *Table) {
	t.mu.Lock() // here
	t.mu.Unlock()
}
func TestA(t *testing.T) {
	table := &Table{}
	table.CALL
	go work(table) // go
}
"#;

fn locked(source: &str) -> Cause {
    let block = block(21, "sync.RWMutex.Lock", "m.work", source, "// here", "// go").replace(
        "m.work()",
        "sync.(*RWMutex).Lock(0xc000010000)\n\t/go/src/sync/rwmutex.go:155 +0x1\nm.work()",
    );
    judged(&evidence(sightings(&block)), source).remove(0).cause
}

#[test]
fn a_read_lock_is_given_back_by_its_own_unlock() {
    let reader = TABLE.replace("func (t *Table) Begin() { t.mu.Lock() }\nCOMMIT\n", "");
    let cause = locked(&reader.replace("CALL", "Find(\"\")"));
    assert!(cause.fix.contains("`defer t.mu.RUnlock()`"), "{cause:?}");
}

#[test]
fn a_lock_that_another_function_gives_back_names_that_function() {
    let find = TABLE.find("func (t *Table) Find").expect("it");
    let begin = TABLE.find("func (t *Table) Begin").expect("it");
    let source = format!("{}{}", &TABLE[..find], &TABLE[begin..]).replace("CALL", "Begin()");
    let with = source.replace("COMMIT", "func (t *Table) Commit() { t.mu.Unlock() } // commit");
    let cause = locked(&with);
    let place = format!("(line {})", line(&with, "// commit"));
    assert!(
        cause.fix.starts_with("call Commit, which unlocks it") && cause.fix.contains(&place),
        "{cause:?}"
    );
    let cause = locked(&source.replace("COMMIT", ""));
    assert!(
        cause
            .fix
            .starts_with("Begin only locks it, and nothing unlocks it"),
        "{cause:?}"
    );
}

#[test]
fn a_context_without_a_done_channel_is_no_channel_that_nobody_has_made() {
    let cause = cause(
        "chan receive (nil chan)",
        "package m\nimport \"context\"\nfunc work(ctx context.Context) {\n\t<-ctx.Done() // here\n}\nfunc TestA() {\n\tgo work(context.Background()) // go\n}\n",
    );
    assert_eq!(cause.code, CauseCode::NilChannel);
    assert!(
        cause.waits_for.contains("that context can't be cancelled"),
        "{cause:?}"
    );
    assert!(!cause.fix.contains("make"), "{cause:?}");
}

#[test]
fn a_channel_that_counts_places_wants_its_value_back() {
    let source = r#"package m
func work(sem chan int, fail bool) {
	sem <- 1 // here
	if fail {
		return
	}
	<-sem // back
}
func TestA(t *testing.T) {
	sem := make(chan int, 1)
	work(sem, true)
	go work(sem, false) // go
}
"#;
    let found = cause("chan send", source);
    assert_eq!(found.code, CauseCode::SendBufferFull);
    let place = format!("(line {})", line(source, "// back"));
    assert!(
        found.fix.contains("`defer func() { <-sem }()`") && found.fix.contains(&place),
        "{found:?}"
    );
    let used = cause("chan send", &source.replace("<-sem // back", "println(<-sem)"));
    assert!(!used.fix.contains("defer"), "{used:?}");
}

#[test]
fn a_constructor_does_not_cancel_what_it_has_started() {
    let source = r#"package m
import "context"
func Watch() { // watch
	ctx, cancel := context.WithCancel(context.Background())
	_ = cancel
	go work(ctx) // go
}
func work(ctx context.Context) {
	<-ctx.Done() // here
}
func TestA(t *testing.T) { Watch() }
"#;
    let found = cause("chan receive", source);
    assert!(
        found.fix.starts_with("keep `cancel` where Watch makes it"),
        "{found:?}"
    );
    assert!(!found.fix.contains("defer"), "{found:?}");
    // A test ends when it returns.
    let test = source
        .replace("func Watch() {", "func TestB(t *testing.T) {")
        .replace("Watch()", "TestB(t)");
    let found = cause("chan receive", &test);
    assert!(found.fix.contains("`defer cancel()`"), "{found:?}");
}

#[test]
fn a_lock_that_a_round_of_a_loop_keeps_is_given_back_before_the_next_one() {
    let source = r#"package m
import "sync"
type Peer struct{ mu sync.RWMutex; dead bool }
func work(p *Peer) {
	for i := 0; i < 2; i++ {
		p.mu.Lock() // here
		if p.dead {
			continue // kept
		}
		p.mu.Unlock()
	}
}
func TestA(t *testing.T) {
	p := &Peer{dead: true}
	go work(p) // go
}
"#;
    let found = locked(source);
    let kept = line(source, "// kept");
    assert!(
        found.waits_for.contains(&format!("continues at line {kept}")),
        "{found:?}"
    );
    assert!(
        found
            .fix
            .contains(&format!("before the `continue` at line {kept}")),
        "{found:?}"
    );
    assert!(!found.fix.contains("defer"), "{found:?}");
    // An Unlock at the begin of the next round may give it back.
    let other = source.replace(
        "\t\tp.mu.Lock()",
        "\t\tif i > 0 {\n\t\t\tp.mu.Unlock()\n\t\t}\n\t\tp.mu.Lock()",
    );
    assert!(
        !words(&locked(&other)).contains("continue"),
        "{:?}",
        locked(&other)
    );
}

#[test]
fn a_cond_that_is_only_signalled_wants_a_broadcast() {
    let source = r#"package m
import "sync"
type Queue struct{ mu sync.Mutex; cond *sync.Cond; done bool }
func work(q *Queue) {
	q.mu.Lock()
	for !q.done {
		q.cond.Wait() // here
	}
	q.mu.Unlock()
}
func (q *Queue) Close() {
	q.done = true
	q.cond.Signal() // signal
}
func TestA(t *testing.T) {
	q := &Queue{}
	q.cond = sync.NewCond(&q.mu)
	go work(q) // go
	q.Close()
}
"#;
    let of = |source: &str| {
        let block = block(21, "sync.Cond.Wait", "m.work", source, "// here", "// go").replace(
            "m.work()",
            "sync.(*Cond).Wait(0xc000010000)\n\t/go/src/sync/cond.go:71 +0x1\nm.work()",
        );
        judged(&evidence(sightings(&block)), source).remove(0).cause
    };
    let found = of(source);
    let place = format!("`q.cond.Signal` (line {})", line(source, "// signal"));
    assert!(
        found.fix.starts_with("call Broadcast") && found.fix.contains(&place),
        "{found:?}"
    );
    // What ends the queue is to wake all, not what wakes one for one value.
    let push = source.replace(
        "func (q *Queue) Close",
        "func (q *Queue) Push() {\n\tq.cond.Signal()\n}\nfunc (q *Queue) Close",
    );
    let found = of(&push);
    let place = format!("`q.cond.Signal` (line {})", line(&push, "// signal"));
    assert!(found.fix.contains(&place), "{found:?}");
    let both = of(&source.replace("q.done = true", "q.done = true; q.cond.Broadcast()"));
    assert!(!both.fix.starts_with("call Broadcast"), "{both:?}");
}

#[test]
fn a_read_lock_can_not_become_a_lock() {
    let found = locked(
        r#"package m
import "sync"
type Conf struct{ mu sync.RWMutex; value string }
func work(c *Conf) {
	c.mu.RLock() // read
	if c.value == "" {
		c.mu.Lock() // here
		c.mu.Unlock()
	}
	c.mu.RUnlock()
}
func TestA(t *testing.T) {
	c := &Conf{}
	go work(c) // go
}
"#,
    );
    assert!(found.waits_for.contains("has read-locked itself at"), "{found:?}");
    assert!(found.fix.contains("`c.mu.RUnlock()` before Lock"), "{found:?}");
}

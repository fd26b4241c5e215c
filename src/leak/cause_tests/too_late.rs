//! Causes of goroutines whose channel is closed, or whose context is cancelled, only after the wait for them.

use super::kind::{all, goroutine, line, of};
use crate::leak::*;

const GROUP: &str = "sync.runtime_SemacquireWaitGroup(0x1)\n\t/go/src/runtime/sema.go:1 +0x1\nsync.(*WaitGroup).Wait(0x1)\n\t/go/src/sync/waitgroup.go:1 +0x1\n";

/// The causes of who waits for the group in `func`, and of the worker in `m.work`.
fn both(source: &str, func: &str) -> (Cause, Cause) {
    let dump = goroutine(21, "sync.WaitGroup.Wait", GROUP, func, source)
        + &goroutine(22, "chan receive", "", "m.work", source);
    let found = all(&dump, source);
    (of(&found, func).clone(), of(&found, "m.work").clone())
}

fn at(source: &str, mark: &str) -> String {
    format!("x.go:{}", line(source, mark))
}

const TEAM: &str = r#"package m
import ("context"; "sync")
type team struct {
	wg sync.WaitGroup
	cancel context.CancelFunc
}
func withTeam(ctx context.Context) (*team, context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	return &team{cancel: cancel}, ctx
}
func (g *team) Wait() {
	g.wg.Wait() // 21
	g.cancel() // cancels
}
func work(ctx context.Context, g *team) {
	defer g.wg.Done()
	<-ctx.Done() // 22
}
func TestA() {
	g, ctx := withTeam(context.Background())
	g.wg.Add(1)
	go work(ctx, g) // go 22
	g.Wait() // go 21
}
"#;

#[test]
fn what_a_wait_cancels_at_its_end_is_to_end_by_something_else() {
    let (wait, work) = both(TEAM, "m.(*team).Wait");
    let (cancels, waits) = (at(TEAM, "// cancels"), at(TEAM, "// 21"));
    assert_eq!(
        work.waits_for,
        format!(
            "`ctx` to be cancelled: `g.cancel()` ({cancels}) comes only after `g.wg.Wait()` ({waits}), which waits for this goroutine"
        )
    );
    assert!(
        work.fix
            .starts_with("end this goroutine by a context or channel of its own"),
        "{work:?}"
    );
    assert_eq!(
        wait.waits_for,
        format!(
            "`g.wg`, a WaitGroup for which m.work has not called Done: `g.cancel()` ({cancels}) would end the wait there, but comes only after this"
        )
    );
    assert!(wait.fix.starts_with("end m.work by a context"), "{wait:?}");
    let first = TEAM.replace(
        "\tg.wg.Wait() // 21\n\tg.cancel() // cancels",
        "\tg.cancel() // cancels\n\tg.wg.Wait() // 21",
    );
    let (wait, work) = both(&first, "m.(*team).Wait");
    for cause in [wait, work] {
        assert!(!cause.waits_for.contains("only after"), "{cause:?}");
    }
}

#[test]
fn a_close_that_waits_first_is_to_close_first() {
    let source = r#"package m
import "sync"
type pool struct {
	wg sync.WaitGroup
	stop chan int
}
func work(p *pool) {
	defer p.wg.Done()
	<-p.stop // 22
}
func (p *pool) Close() {
	p.wg.Wait() // 21
	p.end() // ends
}
func (p *pool) end() { close(p.stop) }
func TestA() {
	p := &pool{stop: make(chan int)}
	p.wg.Add(1)
	go work(p) // go 22
	p.Close() // go 21
}
"#;
    let (wait, work) = both(source, "m.(*pool).Close");
    let expected = format!(
        "call `p.end()` ({}) before `p.wg.Wait()` ({})",
        at(source, "// ends"),
        at(source, "// 21")
    );
    assert_eq!((wait.fix, work.fix), (expected.clone(), expected));
}

#[test]
fn what_is_deferred_comes_too_late_for_a_wait_before_it() {
    let test = |body: &str| {
        format!(
            "package m\nimport \"sync\"\nfunc work(wg *sync.WaitGroup, done chan int) {{\n\tdefer wg.Done()\n\t<-done // 22\n}}\nfunc TestA() {{ // go 21\n\tvar wg sync.WaitGroup\n\tdone := make(chan int)\n{body}\n"
        )
    };
    let started = "\twg.Add(1)\n\tgo work(&wg, done) // go 22\n";
    let plain = test(&format!(
        "\tdefer close(done) // closes\n{started}\twg.Wait() // 21\n}}"
    ));
    let (wait, _) = both(&plain, "m.TestA");
    let (closes, waits) = (at(&plain, "// closes"), at(&plain, "// 21"));
    assert_eq!(
        wait.fix,
        format!("call `close(done)` ({closes}) before `wg.Wait()` ({waits}), not only in a `defer`")
    );
    // Deferred later, the wait is over first.
    let both_deferred = test(&format!(
        "\tdefer close(done) // closes\n\tdefer wg.Wait()\n{started}}} // 21"
    ));
    let (wait, _) = both(&both_deferred, "m.TestA");
    assert!(wait.fix.starts_with("call `close(done)`"), "{wait:?}");
    let in_order = test(&format!(
        "\tdefer wg.Wait()\n\tdefer close(done)\n{started}}} // 21"
    ));
    let (wait, _) = both(&in_order, "m.TestA");
    assert!(!wait.fix.contains("close(done)"), "{wait:?}");
}

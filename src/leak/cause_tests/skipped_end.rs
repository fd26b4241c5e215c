//! Ends that the source has, and that a way through it does not get to: a place that is not given back, a stop function or cancel
//! function that is kept and dropped, an end behind a wait.

use super::kind::{all, fact_and_fix, goroutine, line, of, words};
use crate::leak::*;

/// The line of a mark, as a report names it.
fn at(source: &str, mark: &str) -> String {
    format!("x.go:{}", line(source, mark))
}

const ACQUIRE: &str = "golang.org/x/sync/semaphore.(*Weighted).Acquire(0x1)\n\t/mod/golang.org/x/sync@v0.1.0/semaphore/semaphore.go:7 +0x1\n";

/// A pool whose `take` waits for a place.
fn pool(body: &str, rest: &str) -> String {
    format!(
        "package m\nimport \"golang.org/x/sync/semaphore\"\ntype pool struct{{ places *semaphore.Weighted; free []int }}\nfunc (p *pool) take(n int) (int, error) {{\n\tif err := p.places.Acquire(nil, 1); err != nil {{ // 21\n\t\treturn 0, err\n\t}}\n{body}\n}}\n{rest}\nfunc TestA() {{\n\tp := &pool{{places: semaphore.NewWeighted(1)}}\n\tp.take(1)\n\tgo p.take(2) // go 21\n}}\n"
    )
}

fn of_pool(source: &str) -> Cause {
    let dump = goroutine(21, "select", ACQUIRE, "m.(*pool).take", source);
    of(&all(&dump, source), "m.(*pool).take").clone()
}

#[test]
fn a_way_out_that_keeps_its_place_in_a_semaphore_is_named() {
    const GIVES: &str = "func (p *pool) done(n int) {\n\tp.free = append(p.free, n)\n\tp.places.Release(1) // gives\n}\nfunc (p *pool) run() { p.done(1) }";
    // Another function gives it back.
    let source = pool(
        "\tif n > 8 {\n\t\treturn 0, errLong // long\n\t}\n\tif len(p.free) == 0 {\n\t\treturn 0, errNone // none\n\t}\n\treturn n, nil",
        GIVES,
    );
    let found = of_pool(&source);
    assert_eq!(
        found.waits_for,
        format!(
            "a place in the semaphore `p.places`, all of which are taken: the `return` ({}) and the `return` ({}) leave take without Release",
            at(&source, "// long"),
            at(&source, "// none")
        )
    );
    assert_eq!(
        found.fix,
        format!(
            "call `p.places.Release(1)` before the `return` ({}) and the `return` ({}) too ({} does)",
            at(&source, "// long"),
            at(&source, "// none"),
            at(&source, "// gives")
        )
    );
    // Its own `defer` comes too late.
    let source = pool(
        "\tif n > 8 {\n\t\treturn 0, nil // long\n\t}\n\tdefer p.places.Release(1) // gives\n\treturn n, nil",
        "",
    );
    let found = of_pool(&source);
    assert!(
        found.waits_for.ends_with(&format!(
            "the `return` ({}) leaves take without Release",
            at(&source, "// long")
        )),
        "{found:?}"
    );
    assert_eq!(
        found.fix,
        format!(
            "`defer p.places.Release(1)` right after the error check of `p.places.Acquire` ({}), in place of {}",
            at(&source, "// 21"),
            at(&source, "// gives")
        )
    );
    // Where no way out keeps it, and another function gives it back, a `defer` would do so twice.
    let found = of_pool(&pool("\tp.free = p.free[1:]\n\treturn n, nil", GIVES));
    assert!(!words(&found).contains("the `return`"), "{found:?}");
    assert!(
        found.fix.starts_with("call `p.places.Release(1)` once for each"),
        "{found:?}"
    );
    for body in [
        // Given back on each way.
        "\tdefer p.places.Release(1)\n\tif n > 8 {\n\t\treturn 0, errLong\n\t}\n\treturn n, nil",
        "\tif n > 8 {\n\t\tp.done(0)\n\t\treturn 0, errLong\n\t}\n\tdefer p.places.Release(1)\n\treturn n, nil",
        "\tgo p.run()\n\tif n > 8 {\n\t\treturn 0, errLong\n\t}\n\treturn n, nil",
        "\tgo func() {\n\t\tdefer p.places.Release(1)\n\t}()\n\tif n > 8 {\n\t\treturn 0, errLong\n\t}\n\treturn n, nil",
    ] {
        let found = of_pool(&pool(body, GIVES));
        assert!(!words(&found).contains("the `return`"), "{body}: {found:?}");
    }
}

#[test]
fn the_channel_of_a_timer_that_runs_a_function_is_nil() {
    let source = |wait: &str, made: &str| {
        format!(
            "package m\nimport \"time\"\nfunc work(t *time.Timer) {{\n\t{wait} // 21\n}}\nfunc TestA() {{\n\tt := time.{made} // made\n\tgo work(t) // go 21\n}}\n"
        )
    };
    let cause = |source: &str| {
        let dump = goroutine(21, "chan receive (nil chan)", "", "m.work", source);
        of(&all(&dump, source), "m.work").clone()
    };
    let drains = source("if !t.Stop() { <-t.C }", "AfterFunc(time.Second, stop)");
    let found = cause(&drains);
    assert!(
        found.waits_for.ends_with(
            "`t` is made by time.AfterFunc (line 7), which runs a function and sends nothing, so `t.C` is nil"
        ),
        "{found:?}"
    );
    assert_eq!(
        found.fix,
        "leave this receive out: `t.Stop()` is enough, since such a timer has no value to take"
    );
    let waits = cause(&source("<-t.C", "AfterFunc(time.Second, stop)"));
    assert!(
        waits.fix.starts_with("wait for a channel that the function"),
        "{waits:?}"
    );
    let other = cause(&source("<-t.C", "NewTimer(time.Second)"));
    assert!(!words(&other).contains("AfterFunc"), "{other:?}");
}

/// An iterator that a struct keeps.
fn reader(close: &str, test: &str) -> String {
    format!(
        "package m\nimport \"iter\"\ntype reader struct{{ next func() (int, bool); end func() }}\nfunc open(seq iter.Seq[int]) *reader {{\n\tnext, stop := iter.Pull(seq)\n\treturn &reader{{next: next, end: stop}}\n}}\n{close}\nfunc all(yield func(int) bool) {{\n\tyield(1) // 21\n}}\nfunc TestA(t *testing.T) {{\n\tr := open(all) // go 21\n\tr.next()\n{test}\n}}\n"
    )
}

#[test]
fn the_stop_function_of_an_iterator_that_a_struct_keeps_is_called_by_its_close() {
    let cause = |close: &str, test: &str| {
        let source = reader(close, test);
        let dump = goroutine(21, "coroutine", "", "m.all", &source)
            .replace("created by m.TestA", "created by iter.Pull[...]");
        of(&all(&dump, &source), "m.all").clone()
    };
    assert_eq!(
        fact_and_fix(&cause(
            "func (r *reader) Close() error { return nil }",
            "\tdefer r.Close()"
        )),
        "Close of the reader (x.go:8) is called, and does not call `end`, its stop function: call `r.end()` in Close of the reader (x.go:8)"
    );
    let uncalled = cause("func (r *reader) Close() { r.end() }", "");
    assert_eq!(
        uncalled.fix,
        "call Close of the reader (x.go:8), which stops the iterator, when the test is done with it"
    );
    let lacking = cause("", "");
    assert!(
        lacking
            .fix
            .starts_with("give the reader a Close or Stop method that calls `end`"),
        "{lacking:?}"
    );
    for found in [uncalled, lacking] {
        assert!(!found.fix.contains("defer"), "{found:?}");
    }
}

/// Pipes whose cancel functions a hub keeps.
fn hub(kept: &str, dropped: &str) -> String {
    format!(
        "package m\nimport (\"context\"; \"testing\")\ntype hub struct{{ ends map[int]func() }}\nfunc pipe(ctx context.Context) (int, func()) {{\n\tctx, cancel := context.WithCancel(ctx)\n\tgo func() {{ // go 21\n\t\t<-ctx.Done() // 21\n\t}}()\n\treturn 1, cancel\n}}\nfunc (h *hub) add() int {{\n\tid, end := pipe(context.Background()) // pipe\n\t{kept}\n\treturn id\n}}\nfunc (h *hub) drop(id int) {{\n\t{dropped} // drops\n}}\nfunc (h *hub) all() {{\n\tfor _, end := range h.ends {{\n\t\tend()\n\t}}\n}}\nfunc TestA(t *testing.T) {{\n\th := &hub{{ends: map[int]func(){{}}}}\n\tgo h.all()\n\th.drop(h.add())\n}}\n"
    )
}

#[test]
fn a_cancel_function_that_is_returned_and_dropped_is_named_where_it_is_dropped() {
    let cause = |source: &str| {
        let dump = goroutine(21, "chan receive", "", "m.pipe.func1", source)
            .replace("created by m.TestA", "created by m.pipe");
        of(&all(&dump, source), "m.pipe.func1").clone()
    };
    let source = hub("h.ends[id] = end", "delete(h.ends, id)");
    assert_eq!(
        fact_and_fix(&cause(&source)),
        format!(
            "`end`, its cancel function (line {}), is kept in `h.ends`, and `delete(h.ends, id)` (line {drops}) drops it without a call: call the function that `h.ends` holds before `delete(h.ends, id)` (line {drops})",
            line(&source, "// pipe"),
            drops = line(&source, "// drops")
        )
    );
    for dropped in [
        "h.ends[id](); delete(h.ends, id)",
        "end := h.ends[id]; end(); delete(h.ends, id)",
    ] {
        let found = cause(&hub("h.ends[id] = end", dropped));
        assert!(!words(&found).contains("drops it"), "{dropped}: {found:?}");
    }
    let unused = cause(&hub("_ = end", ""));
    assert!(
        unused
            .fix
            .starts_with("call `end` (line 12), the cancel function that pipe returns"),
        "{unused:?}"
    );
    for found in [unused, cause(&source)] {
        assert!(!found.fix.contains("or return it"), "{found:?}");
    }
}

const GROUP: &str = "sync.runtime_SemacquireWaitGroup(0x1)\n\t/go/src/runtime/sema.go:1 +0x1\nsync.(*WaitGroup).Wait(0x1)\n\t/go/src/sync/waitgroup.go:1 +0x1\n";

#[test]
fn a_listener_that_is_closed_only_after_the_wait_for_what_accepts_is_to_be_closed_before() {
    let source = |close: &str| {
        format!(
            "package m\nimport (\"net\"; \"sync\"; \"testing\")\ntype server struct {{\n\tln net.Listener\n\twg sync.WaitGroup\n}}\nfunc (s *server) serve() {{\n\tdefer s.wg.Done()\n\tfor {{\n\t\tif _, err := s.ln.Accept(); err != nil {{ // 22\n\t\t\treturn\n\t\t}}\n\t}}\n}}\nfunc (s *server) Close() error {{\n{close}\n}}\nfunc TestA(t *testing.T) {{\n\tln, _ := net.Listen(\"tcp\", \"\")\n\ts := &server{{ln: ln}}\n\ts.wg.Add(1)\n\tgo s.serve() // go 22\n\tgo s.Close() // go 21\n}}\n"
        )
    };
    const ACCEPT: &str = "internal/poll.runtime_pollWait(0x1, 0x72)\n\t/go/src/runtime/netpoll.go:1 +0x1\nnet.(*TCPListener).Accept(0x1)\n\t/go/src/net/tcpsock.go:1 +0x1\n";
    let cause = |source: &str| {
        let dump = goroutine(21, "sync.WaitGroup.Wait", GROUP, "m.(*server).Close", source)
            + &goroutine(22, "IO wait", ACCEPT, "m.(*server).serve", source);
        of(&all(&dump, source), "m.(*server).serve").clone()
    };
    let late = source("\ts.wg.Wait() // 21\n\treturn s.ln.Close() // closes");
    let found = cause(&late);
    let (waits, closes) = (at(&late, "// 21"), at(&late, "// closes"));
    assert!(
        found.waits_for.ends_with(&format!(
            ": `s.ln.Close()` ({closes}) comes only after `s.wg.Wait()` ({waits}), which waits for this goroutine"
        )),
        "{found:?}"
    );
    assert_eq!(
        found.fix,
        format!("call `s.ln.Close()` ({closes}) before `s.wg.Wait()` ({waits})")
    );
    let first = cause(&source("\ts.ln.Close()\n\ts.wg.Wait() // 21\n\treturn nil"));
    assert!(!words(&first).contains("comes only after"), "{first:?}");
}

/// A writer whose Stop waits for writes before it ends the loop.
const WRITER: &str = r#"package m
import ("sync"; "testing"; "time"; "errors")
type writer struct {
	wg sync.WaitGroup
	stop chan int
}
func open(failed func(error)) *writer {
	w := &writer{stop: make(chan int)}
	go w.loop() // go 22
	return w
}
func (w *writer) loop() {
	tick := time.NewTicker(time.Hour)
	for {
		select { // 22
		case <-tick.C:
		case <-w.stop:
			return
		}
	}
}
func (w *writer) Write() (int, error) {
	w.wg.Add(1)
	return 0, errFull // keeps
	w.wg.Done()
	return 1, nil
}
func (w *writer) Stop() {
	w.wg.Wait() // 21
	close(w.stop) // closes
}
func TestA(t *testing.T) {
	w := open(nil)
	if _, err := w.Write(); !errors.Is(err, errFull) {
		t.Fatal(err)
	}
	go w.Stop() // go 21
}
"#;

#[test]
fn what_is_ended_only_after_another_wait_belongs_to_that() {
    let dump = goroutine(21, "sync.WaitGroup.Wait", GROUP, "m.(*writer).Stop", WRITER)
        + &goroutine(22, "select", "", "m.(*writer).loop", WRITER)
            .replace("created by m.TestA", "created by m.open");
    let found = all(&dump, WRITER);
    let worker = of(&found, "m.(*writer).loop");
    assert!(
        worker.waits_for.contains(&format!(
            "`close(w.stop)` ({}) comes only after `w.wg.Wait()` ({}), in which m.(*writer).Stop waits",
            at(WRITER, "// closes"),
            at(WRITER, "// 21")
        )),
        "{worker:?}"
    );
    assert!(!words(worker).contains("returned an error"), "{worker:?}");
    assert_eq!(worker.waits_for_goroutines.len(), 1, "{worker:?}");
    // Nothing waits before the end.
    let first = WRITER.replace(
        "\tw.wg.Wait() // 21\n\tclose(w.stop) // closes",
        "\tclose(w.stop) // closes\n\tw.wg.Wait() // 21",
    );
    let found = all(&dump, &first);
    let worker = of(&found, "m.(*writer).loop");
    assert!(!words(worker).contains("comes only after"), "{worker:?}");
    assert!(!words(worker).contains("returned an error"), "{worker:?}");
}

#[test]
fn an_error_of_another_call_is_no_error_of_what_made_a_thing() {
    let cause = |made: &str, check: &str| {
        let source = format!(
            "package m\nimport (\"testing\"; \"errors\")\ntype conn struct{{ stop chan int }}\nfunc dial(failed func(error)) (*conn, error) {{\n\tc := &conn{{stop: make(chan int)}}\n\tgo c.work() // go 21\n\treturn c, errBad\n}}\nfunc (c *conn) work() {{\n\t<-c.stop // 21\n}}\nfunc (c *conn) send() error {{ return errBad }}\nfunc (c *conn) Close() {{ close(c.stop) }}\nfunc TestA(t *testing.T) {{\n\t{made}\n\t{check} {{\n\t\tt.Fatal(\"bad\")\n\t}}\n}}\n"
        );
        let dump = goroutine(21, "chan receive", "", "m.(*conn).work", &source)
            .replace("created by m.TestA", "created by m.dial");
        of(&all(&dump, &source), "m.(*conn).work").clone()
    };
    for (made, check) in [
        ("c, err := dial(nil)", "if !errors.Is(err, errBad)"),
        ("_, err := dial(nil)", "if err == nil"),
    ] {
        let found = cause(made, check);
        assert!(words(&found).contains("returned an error"), "{made}: {found:?}");
    }
    for (made, check) in [
        ("c, _ := dial(nil)", "if err := c.send(); !errors.Is(err, errBad)"),
        (
            "c, err := dial(nil)",
            "if err := c.send(); !errors.Is(err, errBad)",
        ),
        ("c, _ := dial(nil)", "if err == nil"),
    ] {
        let found = cause(made, check);
        assert!(!words(&found).contains("returned an error"), "{check}: {found:?}");
    }
}

#[test]
fn a_sleep_that_a_look_at_the_end_comes_before_is_to_be_cut_short() {
    let source = |first: &str| {
        format!(
            "package m\nimport (\"testing\"; \"time\")\ntype feed struct{{ stop chan int }}\nfunc open(wait time.Duration) *feed {{\n\tf := &feed{{stop: make(chan int)}}\n\tgo f.run(wait) // go 21\n\treturn f\n}}\nfunc (f *feed) run(wait time.Duration) {{\n\tfor f.next(wait) {{ // calls\n\t}}\n}}\nfunc (f *feed) next(wait time.Duration) bool {{\n{first}\n\ttime.Sleep(wait) // 21\n\treturn true\n}}\nfunc (f *feed) Stop() {{ close(f.stop) }}\nfunc TestA(t *testing.T) {{\n\tf := open(time.Hour)\n\tdefer f.Stop()\n}}\n"
        )
    };
    let cause = |source: &str| {
        let calls = format!("m.(*feed).run()\n\t/m/x.go:{} +0x1\n", line(source, "// calls"));
        let dump = goroutine(
            21,
            "sleep",
            "time.Sleep(0x1)\n\t/go/src/runtime/time.go:1 +0x1\n",
            "m.(*feed).next",
            source,
        )
        .replace("created by m.TestA", &format!("{calls}created by m.open"));
        all(&dump, source)[0].cause.clone()
    };
    let looks = source("\tselect {\n\tcase <-f.stop: // looks\n\t\treturn false\n\tdefault:\n\t}");
    assert_eq!(
        fact_and_fix(&cause(&looks)),
        format!(
            "it looks at `<-f.stop` (line {}) only before that sleep: select on `time.After(wait)` and `<-f.stop` in place of `time.Sleep(wait)` (line {}), and return on the latter",
            line(&looks, "// looks"),
            line(&looks, "// 21")
        )
    );
    let none = cause(&source(""));
    assert!(!words(&none).contains("only before"), "{none:?}");
}

#[test]
fn a_pipe_that_is_closed_only_after_an_error_is_to_be_closed_after_none_too() {
    let cause = |closes: &str| {
        let source = format!(
            "package m\nimport (\"io\"; \"testing\")\nfunc pull(out io.Writer) (err error) {{\n\tr, w := io.Pipe()\n\tgo func() {{ // go 21\n\t\tio.Copy(out, r) // 21\n\t}}()\n\tdefer func() {{\n{closes}\n\t}}()\n\t_, err = w.Write(nil)\n\treturn err\n}}\nfunc TestA(t *testing.T) {{\n\tpull(nil)\n}}\n"
        );
        let above = "io.(*pipe).read(0x1)\n\t/go/src/io/pipe.go:1 +0x1\nio.(*PipeReader).Read(0x1)\n\t/go/src/io/pipe.go:1 +0x1\nio.Copy(0x1)\n\t/go/src/io/io.go:1 +0x1\n";
        let dump = goroutine(21, "select", above, "m.pull.func1", &source)
            .replace("created by m.TestA", "created by m.pull");
        all(&dump, &source)[0].cause.clone()
    };
    assert_eq!(
        fact_and_fix(&cause("\t\tif err != nil {\n\t\t\tw.CloseWithError(err)\n\t\t}")),
        "`w.CloseWithError` (line 10) is called only where `err != nil`: call `w.Close()` on the other way too, behind that `if` (line 9)"
    );
    for closes in [
        "\t\tw.CloseWithError(err)",
        "\t\tif w != nil {\n\t\t\tw.Close()\n\t\t}",
    ] {
        let found = cause(closes);
        assert!(!words(&found).contains("only where"), "{closes}: {found:?}");
    }
}

const COND: &str = "sync.runtime_notifyListWait(0x1)\n\t/go/src/runtime/sema.go:1 +0x1\nsync.(*Cond).Wait(0x1)\n\t/go/src/sync/cond.go:1 +0x1\n";

#[test]
fn a_return_behind_the_change_of_what_a_method_asks_for_is_named() {
    let source = |on_closed: &str| {
        format!(
            "package m\nimport \"sync\"\ntype conn struct {{\n\tmu sync.Mutex\n\tcond *sync.Cond\n\tclosed, busy bool\n}}\nfunc open() *conn {{\n\tc := &conn{{}}\n\tc.cond = sync.NewCond(&c.mu)\n\treturn c\n}}\nfunc (c *conn) isBusy() bool {{ return c.busy }}\nfunc (c *conn) work() {{\n\tc.mu.Lock()\n\tdefer c.mu.Unlock()\n\tif c.closed {{\n{on_closed}\n\t\treturn // returns\n\t}}\n\tc.busy = false\n\tc.cond.Broadcast()\n}}\nfunc (c *conn) start() {{\n\tc.mu.Lock()\n\tdefer c.mu.Unlock()\n\tc.busy = true\n\tgo c.work()\n}}\nfunc (c *conn) Close() {{\n\tc.mu.Lock()\n\tdefer c.mu.Unlock()\n\tc.closed = true\n\tfor c.isBusy() {{\n\t\tc.cond.Wait() // 21\n\t}}\n}}\nfunc TestA() {{\n\tc := open()\n\tc.start()\n\tgo c.Close() // go 21\n}}\n"
        )
    };
    let cause = |source: &str| {
        let dump = goroutine(21, "sync.Cond.Wait", COND, "m.(*conn).Close", source);
        of(&all(&dump, source), "m.(*conn).Close").clone()
    };
    let silent = source("\t\tc.busy = false // changes");
    let (changes, returns) = (line(&silent, "// changes"), line(&silent, "// returns"));
    let found = cause(&silent);
    assert_eq!(
        found.waits_for,
        format!(
            "a Signal or Broadcast on `c.cond`: work changes `c.busy` (line {changes}) and returns (line {returns}) without one"
        )
    );
    assert_eq!(
        found.fix,
        format!("call `c.cond.Broadcast()` before that `return` (line {returns}) too")
    );
    let wakes = cause(&source("\t\tc.busy = false\n\t\tc.cond.Broadcast()"));
    assert!(!words(&wakes).contains("without one"), "{wakes:?}");
}

#[test]
fn what_another_map_takes_the_place_of_is_to_be_ended_first() {
    let cause = |update: &str, test: &str| {
        let source = format!(
            "package m\nimport \"testing\"\ntype cache struct{{ stop chan int }}\nfunc newCache() *cache {{\n\tc := &cache{{stop: make(chan int)}}\n\tgo c.run() // go 21\n\treturn c\n}}\nfunc (c *cache) run() {{\n\t<-c.stop // 21\n}}\nfunc (c *cache) Close() {{ close(c.stop) }}\ntype manager struct{{ all map[string]*cache }}\nfunc (m *manager) update(names []string) {{\n{update}\n}}\nfunc (m *manager) Stop() {{\n\tfor _, one := range m.all {{\n\t\tone.Close() // ends\n\t}}\n}}\nfunc TestA(t *testing.T) {{\n\tm := &manager{{}}\n\tdefer m.Stop()\n{test}\n}}\n"
        );
        let dump = goroutine(21, "chan receive", "", "m.(*cache).run", &source)
            .replace("created by m.TestA", "created by m.newCache");
        of(&all(&dump, &source), "m.(*cache).run").clone()
    };
    const FRESH: &str =
        "\tm.all = map[string]*cache{}\n\tfor _, name := range names {\n\t\tm.all[name] = newCache()\n\t}";
    let twice = "\tm.update(nil)\n\tm.update(nil)";
    assert_eq!(
        fact_and_fix(&cause(FRESH, twice)),
        "`Close` of the cache is called (x.go:22), but `m.all = map[string]*cache{}` (x.go:15) may have put another one in its place: end what is there already, if anything, before `m.all = map[string]*cache{}` (x.go:15)"
    );
    for (update, test) in [
        (FRESH, "\tm.update(nil)"),
        (
            "\tfor _, one := range m.all {\n\t\tone.Close()\n\t}\n\tm.all = map[string]*cache{}\n\tm.all[\"a\"] = newCache()",
            twice,
        ),
    ] {
        let found = cause(update, test);
        assert!(!words(&found).contains("may have put"), "{update}: {found:?}");
    }
}

#[test]
fn all_calls_that_take_the_other_lock_are_to_be_made_without_the_first() {
    let source = |second: &str| {
        format!(
            "package m\nimport \"sync\"\ntype hub struct {{\n\tmu sync.Mutex\n\tof *node\n}}\ntype node struct {{\n\tmu sync.Mutex\n\tin *hub\n}}\nfunc (h *hub) add() {{\n\th.mu.Lock()\n\tdefer h.mu.Unlock()\n\th.of.isUp() // first\n\t{second} // second\n}}\nfunc (n *node) isUp() {{\n\tn.mu.Lock() // 21\n\tn.mu.Unlock()\n}}\nfunc (n *node) name() {{\n\tn.mu.Lock()\n\tn.mu.Unlock()\n}}\nfunc (n *node) rename() {{\n\tn.mu.Lock()\n\tdefer n.mu.Unlock()\n\tn.in.count() // other\n}}\nfunc (h *hub) count() {{\n\th.mu.Lock() // 22\n\th.mu.Unlock()\n}}\nfunc TestA() {{\n\th := &hub{{of: &node{{}}}}\n\th.of.in = h\n\tgo h.add() // go 21\n\tgo h.of.rename() // go 22\n}}\n"
        )
    };
    let fix = |source: &str| {
        let above = "sync.(*Mutex).Lock(...)\n\t/go/src/sync/mutex.go:46\n";
        let at = |mark| line(source, mark);
        let outer = |func: &str, mark| format!("m.{func}()\n\t/m/x.go:{} +0x1\ncreated by", at(mark));
        let dump = goroutine(21, "sync.Mutex.Lock", above, "m.(*node).isUp", source)
            .replace("created by", &outer("(*hub).add", "// first"))
            + &goroutine(22, "sync.Mutex.Lock", above, "m.(*hub).count", source)
                .replace("created by", &outer("(*node).rename", "// other"));
        all(&dump, source)[0].cause.fix.clone()
    };
    let both = source("h.of.name()");
    let found = fix(&both);
    assert!(
        found.contains(&format!(
            "call `h.of.isUp` (x.go:{}) and `h.of.name` (x.go:{}) without `h.mu`",
            line(&both, "// first"),
            line(&both, "// second")
        )),
        "{found}"
    );
    let one = fix(&source("h.of = nil"));
    assert!(!one.contains(" and `h.of"), "{one}");
}

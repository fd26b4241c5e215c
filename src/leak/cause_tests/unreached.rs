//! What a method that the test calls does not reach: behind an error, in another round, not held any more, by one Once for all.

use super::kind::{all, fact_and_fix, goroutine, line, of, words};
use crate::leak::judge_tests::{evidence, judged_files, sightings};
use crate::leak::*;

/// The leak in `func`, which `creator` starts.
fn leak(source: &str, state: &str, func: &str, creator: &str) -> Cause {
    let dump = goroutine(21, state, "", func, source)
        .replace("created by m.TestA", &format!("created by {creator}"));
    of(&all(&dump, source), func).clone()
}

#[test]
fn a_close_that_an_interface_hides_is_that_of_what_was_made() {
    let source = "package m\ntype cache struct{ done chan int }\nfunc (c *cache) work() {\n\t<-c.done // 21\n}\nfunc (c *cache) Close() { close(c.done) } // part\ntype runner interface{ Close() error }\ntype docker struct{ layers *cache }\nfunc open() runner {\n\tc := &cache{make(chan int)}\n\tgo c.work() // go 21\n\treturn &docker{layers: c}\n}\nfunc (d *docker) Close() error { return nil } // whole\nfunc TestA(t *testing.T) {\n\tr := open()\n\tdefer r.Close()\n}\n";
    let (part, whole) = (line(source, "// part"), line(source, "// whole"));
    let found = leak(source, "chan receive", "m.(*cache).work", "m.open");
    assert_eq!(
        fact_and_fix(&found),
        format!(
            "Close (x.go:{whole}) does not call `Close` of the cache (x.go:{part}), which would end this goroutine: call `Close` of the cache in Close (x.go:{whole})"
        )
    );
}

#[test]
fn a_once_of_the_package_ends_only_the_first() {
    let source = |once: &str, of: &str| {
        format!(
            "package m\nimport \"sync\"\n{once}\nfunc open() *job {{\n\tj := &job{{stop: make(chan int)}}\n\tgo j.work() // go 21\n\treturn j\n}}\nfunc (j *job) work() {{\n\t<-j.stop // 21\n}}\nfunc (j *job) Stop() {{\n\t{of}once.Do(func() {{ close(j.stop) }}) // once\n}}\nfunc TestA(t *testing.T) {{\n\ta, b := open(), open()\n\ta.Stop()\n\tb.Stop()\n}}\n"
        )
    };
    let cause = |once: &str, of: &str| leak(&source(once, of), "chan receive", "m.(*job).work", "m.open");
    let all = "type job struct{ stop chan int }\nvar once sync.Once";
    let at = line(&source(all, ""), "// once");
    let found = fact_and_fix(&cause(all, ""));
    assert!(
        found.contains(&format!(
            "but `close(j.stop)` (x.go:{at}) runs only once for all, by `once` (x.go:{at}): make `once` (x.go:{at}) a field"
        )),
        "{found}"
    );
    let own = words(&cause("type job struct{ stop chan int; once sync.Once }", "j."));
    assert!(!own.contains("once for all"), "{own}");
}

#[test]
fn what_is_sure_to_be_called_is_not_to_be_called_on_every_path() {
    let source = |calls: &str| {
        format!(
            "package m\ntype job struct{{ stop chan int; other chan int }}\nfunc open() *job {{\n\tj := &job{{make(chan int), make(chan int)}}\n\tgo j.work() // go 21\n\treturn j\n}}\nfunc (j *job) work() {{\n\t<-j.stop // 21\n}}\nfunc (j *job) Close() {{ if j.other != nil {{ close(j.stop) }} }} // closes\nfunc TestA(t *testing.T) {{\n\tj := open()\n\t{calls}\n}}\nfunc later(func()) {{}}\n"
        )
    };
    let found = |calls: &str| {
        let text = source(calls);
        let found = fact_and_fix(&leak(&text, "chan receive", "m.(*job).work", "m.open"));
        assert!(
            found.contains(&format!(
                "let Close (x.go:{}) end it too",
                line(&text, "// closes")
            )),
            "{found}"
        );
        found
    };
    for always in [
        "j.Close()",
        "defer j.Close()",
        "t.Cleanup(j.Close)",
        "t.Cleanup(func() { j.Close() })",
        "defer func() { j.Close() }()",
    ] {
        let text = found(always);
        assert!(!text.contains("every path"), "{always}: {text}");
    }
    let text = found("later(func() { j.Close() })");
    assert!(text.contains("or call `j.Close` on every path"), "{text}");
}

#[test]
fn a_value_that_is_made_again_without_its_channel_is_the_one_that_the_test_has_made_so() {
    let source = "package m\ntype poll struct{ in, closed chan int }\nfunc newPoll() *poll {\n\tp := &poll{closed: make(chan int)}\n\tp.open()\n\treturn p\n}\nfunc (p *poll) Reopen() *poll {\n\tagain := &poll{} // lacks\n\tagain.open()\n\treturn again\n}\nfunc (p *poll) open() {\n\tp.in = make(chan int)\n\tgo p.count() // go 21\n}\nfunc (p *poll) count() {\n\tfor {\n\t\tselect { // 21\n\t\tcase <-p.in:\n\t\tcase <-p.closed:\n\t\t\treturn\n\t\t}\n\t}\n}\nfunc (p *poll) Close() {\n\tif p.closed != nil {\n\t\tclose(p.closed)\n\t}\n}\n";
    let test = "package m\nfunc TestA(t *testing.T) {\n\tp := newPoll()\n\tp.Close()\n\tagain := p.Reopen() // leaks\n\tdefer again.Close()\n}\n";
    let dump = format!(
        "goroutine 21 [select]:\nm.(*poll).count()\n\t/m/x.go:{} +0x1\ncreated by m.(*poll).open in goroutine 10\n\t/m/x.go:{} +0x2\n[originating from goroutine 10]:\nm.(*poll).open(...)\n\t/m/x.go:15 +0x1\nm.(*poll).Reopen(...)\n\t/m/x.go:10 +0x1\nm.TestA(...)\n\t/m/x_test.go:{} +0x1\ncreated by testing.(*T).Run\n\t/go/src/t.go:2 +0x1\n",
        line(source, "// 21"),
        line(source, "// go 21"),
        line(test, "// leaks"),
    );
    let files = [("/m/x.go", source), ("/m/x_test.go", test)];
    let found = judged_files(&evidence(sightings(&dump)), &files).remove(0).cause;
    assert_eq!(
        found.fix,
        format!(
            "set `closed` in the poll (x.go:{}) to a channel, and close it when the goroutine is to end",
            line(source, "// lacks")
        ),
        "{found:?}"
    );
}

#[test]
fn what_a_method_defers_for_one_value_is_not_for_the_next() {
    let source = |again: &str| {
        format!(
            "package m\ntype store struct{{ refs int; quit chan int }}\ntype pool struct{{ one *store }}\nfunc (p *pool) acquire() *store {{\n\tif p.one == nil {{\n\t\tp.one = &store{{quit: make(chan int)}}\n\t\tgo p.one.work() // go 21\n\t}}\n\tp.one.refs++\n\treturn p.one\n}}\nfunc (s *store) work() {{\n\t<-s.quit // 21\n}}\nfunc (p *pool) release(s *store) {{\n\tif s.refs--; s.refs == 0 {{\n\t\tclose(s.quit)\n\t}}\n}}\ntype puller struct{{ pool *pool }}\nfunc (p *puller) Pull() {{\n\ts := p.pool.acquire()\n\tdefer p.pool.release(s) // defers\n\tfor range 2 {{\n\t\t{again} // again\n\t}}\n}}\nfunc TestA(t *testing.T) {{\n\tp := &puller{{&pool{{}}}}\n\tp.Pull()\n}}\n"
        )
    };
    let cause = |again: &str| {
        leak(
            &source(again),
            "chan receive",
            "m.(*store).work",
            "m.(*pool).acquire",
        )
    };
    let again = "s = p.pool.acquire()";
    let text = source(again);
    let (defers, at) = (line(&text, "// defers"), line(&text, "// again"));
    let found = fact_and_fix(&cause(again));
    assert!(
        found.starts_with(&format!(
            "`defer p.pool.release(s)` (x.go:{defers}) is for the first `s` alone, and that gets another one (x.go:{at}): `p.pool.release(s)` for each one"
        )),
        "{found}"
    );
    assert!(!words(&cause("println(s)")).contains("gets another one"));
}

#[test]
fn what_ends_the_whole_is_to_send_the_last_value_to_its_part() {
    let source = |closes: &str| {
        format!(
            "package m\nimport \"testing\"\ntype msg struct{{ text string; err error }}\ntype box struct{{ in chan msg }}\nfunc newBox() *box {{ return &box{{in: make(chan msg, 1)}} }}\nfunc (b *box) put(m msg) {{ // puts\n\tb.in <- m // sends\n}}\ntype call struct{{ own *box }}\ntype link struct{{ calls []*call }}\nfunc (l *link) Open() *call {{ return &call{{newBox()}} }}\nfunc (l *link) {closes} {{\n\tl.calls = nil\n}} // closes\nfunc (b *box) work() {{\n\tfor {{\n\t\tm := <-b.in // 21\n\t\tif m.err != nil {{\n\t\t\treturn\n\t\t}}\n\t}}\n}}\nfunc TestA(t *testing.T) {{\n\tl := &link{{}}\n\tc := l.Open()\n\tc.own.put(msg{{text: \"a\"}})\n\tgo c.own.work() // go 21\n\tl.CloseCall(c)\n}}\n"
        )
    };
    let text = source("CloseCall(c *call)");
    let found = fact_and_fix(&leak(&text, "chan receive", "m.(*box).work", "m.TestA"));
    assert_eq!(
        found,
        format!(
            "only `b.in <- m` (line {}) sends to it: let CloseCall (line {}), which ends the call, call put (line {}) with a value on which this goroutine returns",
            line(&text, "// sends"),
            line(&text, "// closes") - 2,
            line(&text, "// puts")
        )
    );
    let other = source("CloseCall(c any)");
    let found = fact_and_fix(&leak(&other, "chan receive", "m.(*box).work", "m.TestA"));
    assert!(!found.contains("which ends"), "{found}");
}

#[test]
fn a_loop_that_sends_to_fewer_than_another_one_starts_is_named() {
    let source = |sends: &str| {
        format!(
            "package m\nfunc TestA(t *testing.T) {{\n\tconst n = 4\n\tstart := make(chan struct{{}})\n\tfor range n {{ // starts\n\t\tgo func() {{ // go 21\n\t\t\t<-start // 21\n\t\t}}()\n\t}}\n\tfor range {sends} {{ // sends\n\t\tstart <- struct{{}}{{}}\n\t}}\n}}\n"
        )
    };
    let cause = |sends: &str| {
        let source = source(sends);
        let dump = goroutine(21, "chan receive", "", "m.TestA.func1", &source);
        of(&all(&dump, &source), "m.TestA.func1").clone()
    };
    let text = source("n - 1");
    let (starts, sends) = (line(&text, "// starts"), line(&text, "// sends"));
    let found = cause("n - 1");
    assert_eq!(
        found.waits_for,
        format!(
            "a value from `start`: one is taken for each of `n` (line {starts}), and one is sent for each of `n - 1` (line {sends})"
        )
    );
    assert_eq!(
        found.fix,
        format!(
            "send as many values as are taken: range over `n` (line {sends}) too, or `close(start)` in place of the sends"
        )
    );
    let even = words(&cause("n"));
    assert!(!even.contains("one is taken for each"), "{even}");
}

#[test]
fn who_alone_would_send_or_close_is_named() {
    let cause = |body: &str, more: &str| {
        let source = format!("package m\n{more}func TestA(t *testing.T) {{\n{body}}}\n");
        let dump = goroutine(21, "chan receive", "", "m.TestA.func1", &source);
        of(&all(&dump, &source), "m.TestA.func1").clone()
    };
    const WAITS: &str = "\tbuilt := make(chan int)\n\tgo func() { // go 21\n\t\t<-built // 21\n\t}()\n";
    // In a function that another one is given, and which that has not called.
    let graph =
        "type graph struct{ all []func() }\nfunc (g *graph) Observe(f func()) { g.all = append(g.all, f) }\n";
    let found = cause(
        &format!("{WAITS}\tg := &graph{{}}\n\tg.Observe(func() {{ close(built) }}) // given\n"),
        graph,
    );
    assert_eq!(
        fact_and_fix(&found),
        "only the function that `g.Observe` (line 10) is given does `close(built)` (line 10), and that has not been called so far: let that function be called: `g.Observe` (line 10) before what is to call it runs"
    );
    // In a loop of the test.
    let found = cause(
        &format!("{WAITS}\tfor range 0 {{\n\t\tbuilt <- 1 // sends\n\t}}\n"),
        "",
    );
    assert_eq!(
        fact_and_fix(&found),
        "only `built <- 1` (line 8) sends to it: send a value for each receive, or close the channel after the last one"
    );
}

#[test]
fn an_iterator_of_pull_whose_stop_is_dropped_is_named() {
    let source = |second: &str| {
        format!(
            "package m\nimport \"iter\"\nfunc Overlap(a, b iter.Seq[int]) int {{\n\tnext, stop := iter.Pull(a)\n\tdefer stop()\n\tnext()\n\t{second}\n\tv, _ := other()\n\treturn v\n}}\nfunc all(yield func(int) bool) {{\n\tyield(1) // 21\n}}\nfunc TestA(t *testing.T) {{\n\tOverlap(all, all) // go 21\n}}\n"
        )
    };
    let cause = |second: &str| {
        let source = source(second);
        let dump = goroutine(21, "coroutine", "", "m.all", &source)
            .replace("created by m.TestA", "created by iter.Pull[...]");
        of(&all(&dump, &source), "m.all").clone()
    };
    assert_eq!(
        fact_and_fix(&cause("other, _ := iter.Pull(b)")),
        "Overlap does not keep the stop function of `iter.Pull(b)` (x.go:7): `other, stop := iter.Pull(b)` (x.go:7), and `defer stop()` right after it"
    );
    let stopped = cause("other, end := iter.Pull(b)\n\tdefer end()");
    assert!(!words(&stopped).contains("does not keep"), "{stopped:?}");
}

#[test]
fn a_group_that_starts_its_functions_itself_needs_no_done() {
    let source = "package m\nimport \"sync\"\nfunc TestA(t *testing.T) {\n\tvar wg sync.WaitGroup\n\twg.Go(func() { select {} }) // goes\n\tgo func() { // go 21\n\t\twg.Wait() // 21\n\t}()\n}\n";
    let above = "sync.(*WaitGroup).Wait()\n\t/go/src/sync/waitgroup.go:1 +0x1\n";
    let dump = goroutine(21, "sync.WaitGroup.Wait", above, "m.TestA.func2", source);
    let found = of(&all(&dump, source), "m.TestA.func2").clone();
    assert_eq!(
        found.fix,
        format!(
            "let each function that `wg.Go` (line {}) starts return: close or cancel what it waits for",
            line(source, "// goes")
        ),
        "{found:?}"
    );
}

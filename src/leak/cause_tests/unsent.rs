//! Causes of receives: who should have sent or closed, and does not.

use super::kind::{all, goroutine, line, of};
use crate::leak::*;

/// The cause of a receive in `func`.
fn received(func: &str, source: &str) -> Cause {
    of(
        &all(&goroutine(21, "chan receive", "", func, source), source),
        func,
    )
    .clone()
}

#[test]
fn a_function_that_gets_the_channel_and_does_nothing_with_it_is_named() {
    let source = "package m\nfunc watch(done chan bool, from chan int) { // watch\n\tfor range from {\n\t}\n}\nfunc dial(from chan int) {\n\tdone := make(chan bool)\n\tgo watch(done, from)\n\t<-done // 21\n}\nfunc TestA() {\n\tfrom := make(chan int)\n\tgo dial(from) // go 21\n\tclose(from)\n}\n";
    let found = received("m.dial", source);
    let at = line(source, "// watch");
    assert_eq!(
        found.waits_for,
        format!(
            "a value from `done`: watch (line {at}), which gets it as `done`, neither closes it nor sends to it"
        )
    );
    assert_eq!(
        found.fix,
        format!("close `done` in watch when it returns: `defer close(done)` (line {at})")
    );
    // What can only receive, or waits for it too, is not the one to close it.
    for other in [
        source.replace("done chan bool, from", "done <-chan bool, from"),
        source.replace("\tfor range from {", "\t<-done\n\tfor range from {"),
        source.replace("\tfor range from {", "\tdone <- true\n\tfor range from {"),
    ] {
        assert!(
            !received("m.dial", &other).waits_for.contains("neither"),
            "{other}"
        );
    }
}

#[test]
fn a_sender_that_has_left_on_its_own_way_out_is_named() {
    let source = "package m\nimport \"context\"\nfunc send(ctx context.Context, all []chan bool) {\n\tfor _, ch := range all {\n\t\tselect {\n\t\tcase ch <- true: // 22\n\t\tcase <-ctx.Done(): // leaves\n\t\t\treturn\n\t\t}\n\t}\n}\nfunc drain(all []chan bool) {\n\tfor _, ch := range all {\n\t\t<-ch // 21\n\t}\n}\nfunc TestA() {\n\tctx, cancel := context.WithCancel(context.Background())\n\tvar all []chan bool\n\tall = append(all, make(chan bool))\n\tall = append(all, make(chan bool))\n\tgo send(ctx, all) // go 22\n\tgo drain(all) // go 21\n\tcancel()\n}\n";
    let found = received("m.drain", source);
    let at = line(source, "// leaves");
    assert_eq!(
        found.waits_for,
        format!(
            "a value from `ch`: its sender, send, may have left in its case `<-ctx.Done()` (line {at}) before it has sent all"
        )
    );
    assert_eq!(
        found.fix,
        format!(
            "select the receive against `<-ctx.Done()` too, on which its sender leaves (line {at}), and return on that"
        )
    );
    // One that is still there has not left, and without a cancel none has.
    let there = goroutine(22, "select", "", "m.send", source);
    let both = goroutine(21, "chan receive", "", "m.drain", source) + &there;
    let both = all(&both, source);
    assert!(
        !of(&both, "m.drain").waits_for.contains("may have left"),
        "{both:?}"
    );
    let never = source.replace("\tcancel()\n", "\t_ = cancel\n");
    assert!(!received("m.drain", &never).waits_for.contains("may have left"));
}

#[test]
fn a_close_of_the_same_function_that_comes_after_the_wait_is_named() {
    let source = "package m\nfunc work() {\n\tstop := make(chan int)\n\tdefer close(stop) // closes\n\t<-stop // 21\n}\nfunc TestA() {\n\tgo work() // go 21\n}\n";
    let found = received("m.work", source);
    let at = line(source, "// closes");
    assert_eq!(
        found.waits_for,
        format!(
            "a value from `stop`: only `close(stop)` (line {at}) closes it, and that comes after this wait"
        )
    );
    assert_eq!(
        found.fix,
        format!("`close(stop)` (line {at}) before this wait, not in a `defer`")
    );
    let sent = source.replace("\t<-stop", "\tgo func() { stop <- 1 }()\n\t<-stop");
    assert!(!received("m.work", &sent).waits_for.contains("only `close(stop)`"));
}

#[test]
fn a_channel_that_another_function_only_hands_on_is_its_own_to_make() {
    let source = "package m\nfunc poll(wait func(done <-chan int) <-chan int, done <-chan int) {\n\twait(done)\n}\nfunc work() {\n\tstop := make(chan int)\n\tdefer close(stop) // closes\n\tvar seen <-chan int\n\tpoll(func(done <-chan int) <-chan int { // polls\n\t\tseen = done\n\t\treturn nil\n\t}, stop)\n\t<-seen // 21\n}\nfunc TestA() {\n\tgo work() // go 21\n}\n";
    let found = received("m.work", source);
    let (closes, polls) = (line(source, "// closes"), line(source, "// polls"));
    assert_eq!(
        found.waits_for,
        format!(
            "a value from `seen`: only `close(stop)` (line {closes}) closes it, and that comes after this wait: `seen` is the `stop` that poll (line {polls}) hands on"
        )
    );
    assert_eq!(
        found.fix,
        format!(
            "let poll make a channel of its own, and close that when it returns; or `close(stop)` (line {closes}) before this wait, not in a `defer`"
        )
    );
}

#[test]
fn a_test_that_stops_at_a_check_is_to_look_without_waiting() {
    let source = "package m\ntype stopper struct{ quit chan struct{} }\nfunc (s *stopper) ShouldStop() <-chan struct{} { return s.quit }\nfunc process(s *stopper) {\n\t<-s.ShouldStop() // 21\n}\nfunc TestA() {\n\tprocess(&stopper{quit: make(chan struct{})}) // go 21\n}\n";
    let judge = |creator: &str| {
        let dump = goroutine(21, "chan receive", "", "m.process", source);
        let created = dump.find("created by").unwrap();
        let dump = format!(
            "{}m.TestA()\n\t/m/x.go:{} +0x1\ncreated by {creator} in goroutine 10\n\t/go/src/x.go:9 +0x1\n\n",
            &dump[..created],
            line(source, "// go 21")
        );
        all(&dump, source).remove(0).cause.fix
    };
    assert_eq!(
        judge("testing.(*T).Run"),
        format!(
            "where this is only a check, a select with `default` (line {}) does not wait; where it has to wait, close `quit` before",
            line(source, "// 21")
        )
    );
    assert!(judge("m.start").contains("give the stopper a Close or Stop method"));
}

#[test]
fn what_the_test_calls_to_end_the_whole_is_to_close_its_channel() {
    let source = "package m\ntype buffer struct{ c chan bool }\nfunc (b *buffer) get() <-chan bool { return b.c }\ntype reader struct{ b *buffer }\nfunc (r *reader) read() {\n\t<-r.b.get() // 21\n}\ntype stream struct{ r *reader }\nfunc open() *stream {\n\treturn &stream{r: &reader{b: &buffer{c: make(chan bool)}}}\n}\nfunc closeStream(s *stream) {} // lower\nfunc CloseStream(s *stream) {} // ends\nfunc TestA() {\n\ts := open()\n\tgo s.r.read() // go 21\n\tCloseStream(s)\n}\n";
    let found = received("m.(*reader).read", source);
    assert_eq!(
        found.fix,
        format!(
            "let CloseStream (line {}), which ends the stream, close `c`",
            line(source, "// ends")
        )
    );
}

#[test]
fn a_function_that_has_left_without_its_close_or_send_is_named() {
    let source = "package m\nfunc help(done chan int, ok bool) {\n\tif ok {\n\t\tclose(done) // ends\n\t}\n}\nfunc wait(done chan int) {\n\t<-done // 21\n}\nfunc TestA() {\n\tdone := make(chan int)\n\tgo help(done, false) // go 22\n\tgo wait(done) // go 21\n}\n";
    let found = received("m.wait", source);
    let at = line(source, "// ends");
    assert_eq!(
        found.waits_for,
        format!("a value from `done`: no goroutine is in help any more, which closes it (line {at})")
    );
    assert_eq!(
        found.fix,
        format!("close `done` on every path of help: `defer close(done)` in place of line {at}")
    );
    let sends = source.replace("close(done) // ends", "done <- 1 // ends");
    assert_eq!(
        received("m.wait", &sends).fix,
        format!("send in help (line {at}) as often as it is received, or `defer close(done)` there")
    );
    // One that is still there may come to it, and one that nothing starts is not over.
    let there = goroutine(22, "sleep", "", "m.help", &source.replace("// ends", "// 22"));
    let both = goroutine(21, "chan receive", "", "m.wait", source) + &there;
    let both = all(&both, source);
    assert!(
        !of(&both, "m.wait").waits_for.contains("any more, which"),
        "{both:?}"
    );
    let never = source.replace("\tgo help(done, false) // go 22\n", "");
    assert!(!received("m.wait", &never).waits_for.contains("any more, which"));
    // A method of what keeps it may be called again.
    let kept = "package m\ntype buffer struct{ c chan int }\nfunc (b *buffer) put() {\n\tselect {\n\tcase b.c <- 1:\n\tdefault:\n\t}\n}\nfunc (b *buffer) read() {\n\t<-b.c // 21\n}\nfunc TestA() {\n\tb := &buffer{c: make(chan int, 1)}\n\tb.put()\n\tgo b.read() // go 21\n}\n";
    assert!(
        !received("m.(*buffer).read", kept)
            .waits_for
            .contains("any more, which")
    );
}

#[test]
fn a_loop_over_the_channel_itself_takes_all_until_it_is_left() {
    let source = "package m\nimport (\"sync\"; \"testing\")\nfunc gather(fns []func() error) error {\n\tout := make(chan error)\n\tvar wg sync.WaitGroup\n\tfor _, fn := range fns {\n\t\twg.Add(1)\n\t\tgo func() { // go 21\n\t\t\tdefer wg.Done()\n\t\t\tout <- fn() // 21\n\t\t}()\n\t}\n\tgo func() {\n\t\twg.Wait()\n\t\tclose(out)\n\t}()\n\tfor err := range out {\n\t\tif err != nil {\n\t\t\treturn err // early\n\t\t}\n\t}\n\treturn nil\n}\nfunc TestA(t *testing.T) {\n\tgather(nil)\n}\n";
    let dump = goroutine(21, "chan send", "", "m.gather.func1", source)
        .replace("created by m.TestA", "created by m.gather");
    let groups = all(&dump, source);
    let found = of(&groups, "m.gather.func1");
    assert!(
        found
            .waits_for
            .ends_with(&format!("until it returns (line {})", line(source, "// early"))),
        "{found:?}"
    );
    assert!(!found.fix.contains("as many values"), "{found:?}");
}

#[test]
fn a_receiver_that_comes_only_after_what_a_goroutine_still_waits_for_is_not_reached() {
    let source = "package m\nimport \"testing\"\ntype pool struct{ jobs, errs chan int }\nfunc (p *pool) work() {\n\tfor job := range p.jobs {\n\t\tp.errs <- job // 21\n\t}\n}\nfunc (p *pool) Submit(n int) {\n\tp.jobs <- n // submits\n}\nfunc (p *pool) Close() {\n\tclose(p.jobs)\n\tfor range p.errs { // receives\n\t}\n}\nfunc TestA(t *testing.T) {\n\tp := &pool{make(chan int), make(chan int)}\n\tgo p.work() // go 21\n\tgo func() { // go\n\t\tp.Submit(2) // still\n\t\tp.Close() // later\n\t}()\n}\n";
    let at = |mark: &str| line(source, mark);
    let submits = format!(
        "goroutine 22 [chan send]:\nm.(*pool).Submit(...)\n\t/m/x.go:{} +0x1\nm.TestA.func1()\n\t/m/x.go:{} +0x1\ncreated by m.TestA in goroutine 10\n\t/m/x.go:{} +0x2\n\n",
        at("// submits"),
        at("// still"),
        line(source, "go func() { // go")
    );
    let works = goroutine(21, "chan send", "", "m.(*pool).work", source);
    let groups = all(&format!("{works}{submits}"), source);
    let found = of(&groups, "m.(*pool).work");
    assert!(
        found.waits_for.ends_with(&format!(
            "`p.Close()` (line {}), which receives from it (line {}), is not reached: a goroutine of m.TestA is still at x.go:{}",
            at("// later"),
            at("// receives"),
            at("// still")
        )),
        "{found:?}"
    );
    assert!(
        found
            .fix
            .starts_with("receive from `p.errs` in a goroutine of its own before"),
        "{found:?}"
    );
    // Where nothing is on its way there, it has been left, or was never called.
    let groups = all(&works, source);
    assert!(!of(&groups, "m.(*pool).work").waits_for.contains("not reached"));
}

#[test]
fn a_waiter_that_a_function_does_not_answer_where_it_fails_is_told_so() {
    let loader = |check: &str| {
        format!(
            "package m\nimport \"testing\"\ntype loader struct{{ pending map[int][]chan int }}\nfunc (l *loader) Get(k int) int {{\n\tch := make(chan int)\n\tl.pending[k] = append(l.pending[k], ch)\n\treturn <-ch // 21\n}}\nfunc (l *loader) Flush(load func() (int, error)) error {{\n\tbatch := l.pending\n\tv, err := load()\n\t{check}\n\tfor _, chans := range batch {{\n\t\tfor _, ch := range chans {{\n\t\t\tch <- v // sends\n\t\t}}\n\t}}\n\treturn nil\n}}\nfunc TestA(t *testing.T) {{\n\tl := &loader{{}}\n\tgo l.Get(1) // go 21\n\tl.Flush(nil)\n}}\n"
        )
    };
    let found = |check: &str| {
        let source = loader(check);
        let dump = goroutine(21, "chan receive", "", "m.(*loader).Get", &source);
        (of(&all(&dump, &source), "m.(*loader).Get").clone(), source)
    };
    let (cause, source) = found("if err != nil {\n\t\treturn err // fails\n\t}");
    assert!(
        cause.waits_for.ends_with(&format!(
            "no goroutine is in Flush any more, which sends to it (line {}) unless it returns an error before that (line {})",
            line(&source, "// sends"),
            line(&source, "// fails")
        )),
        "{cause:?}"
    );
    assert!(
        cause
            .fix
            .starts_with("let Flush answer what waits before that `return`"),
        "{cause:?}"
    );
    let (cause, _) = found("println(err)");
    assert!(!cause.waits_for.contains("returns an error"), "{cause:?}");
}

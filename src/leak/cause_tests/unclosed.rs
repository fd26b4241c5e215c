//! Channels that are made for one goroutine and never closed, and loops that end all but one.

use super::kind::{all, fact_and_fix, goroutine, line, of};
use crate::leak::*;

fn judge(source: &str, state: &str, func: &str, creator: &str) -> Cause {
    let dump = goroutine(21, state, "", func, source)
        .replace("created by m.TestA", &format!("created by {creator}"));
    of(&all(&dump, source), func).clone()
}

/// A crew with a channel for each of its workers.
fn crew(round: &str, behind: &str) -> String {
    format!(
        "package m\nimport \"testing\"\ntype crew struct{{ lanes []chan int }}\nfunc (c *crew) resize(want int) {{\n\tfor len(c.lanes) < want {{\n\t\tlane := make(chan int)\n\t\tc.lanes = append(c.lanes, lane)\n\t\tgo c.work(lane) // go 21\n\t}}\n\t{round} // round\n\t\tBODY\n\t}}\n\t{behind} // cut\n}}\nfunc (c *crew) work(in <-chan int) {{\n\tfor range in {{ // 21\n\t}}\n}}\nfunc TestA(t *testing.T) {{\n\tc := &crew{{}}\n\tc.resize(3)\n\tc.resize(1)\n}}\n"
    )
    .replace("BODY", if round.contains("range") { "close(lane)" } else { "close(c.lanes[i])" })
}

#[test]
fn a_loop_that_closes_all_channels_but_one_is_named() {
    const DROPS: &str = "c.lanes = c.lanes[:want]";
    const ALL: &str = "c.lanes = nil";
    for (round, behind, fact, fix) in [
        (
            "for i := len(c.lanes) - 1; i > want; i-- {",
            DROPS,
            "(`i > want`, x.go:ROUND) leaves out that at `want`, which `c.lanes = c.lanes[:want]` (x.go:CUT) drops",
            "`i >= want` in place of `i > want` (x.go:ROUND)",
        ),
        (
            "for i := want + 1; i < len(c.lanes); i++ {",
            DROPS,
            "(`i := want + 1`, x.go:ROUND) leaves out that at `want`, which `c.lanes = c.lanes[:want]` (x.go:CUT) drops",
            "`i := want` in place of `i := want + 1` (x.go:ROUND)",
        ),
        (
            "for i := 1; i < len(c.lanes); i++ {",
            ALL,
            "(`i := 1`, x.go:ROUND) leaves out the first one",
            "`i := 0` in place of `i := 1` (x.go:ROUND)",
        ),
        (
            "for i := 0; i < len(c.lanes)-1; i++ {",
            ALL,
            "(`i < len(c.lanes)-1`, x.go:ROUND) leaves out the last one",
            "`i < len(c.lanes)` in place of `i < len(c.lanes)-1` (x.go:ROUND)",
        ),
        (
            "for i := len(c.lanes) - 1; i > 0; i-- {",
            ALL,
            "(`i > 0`, x.go:ROUND) leaves out the first one",
            "`i >= 0` in place of `i > 0` (x.go:ROUND)",
        ),
        (
            "for _, lane := range c.lanes[1:] {",
            ALL,
            "(over `c.lanes[1:]`, x.go:ROUND) leaves out the first one",
            "range over `c.lanes` (x.go:ROUND)",
        ),
    ] {
        let source = crew(round, behind);
        let found = judge(&source, "chan receive", "m.(*crew).work", "m.(*crew).resize");
        let told = |text: &str| {
            text.replace("ROUND", &line(&source, "// round").to_string())
                .replace("CUT", &line(&source, "// cut").to_string())
        };
        assert!(found.waits_for.ends_with(&told(fact)), "{found:?}");
        assert_eq!(found.fix, told(fix));
    }
}

#[test]
fn a_loop_that_closes_all_or_leaves_one_for_another_end_is_not_named() {
    for (round, behind) in [
        (
            "for i := len(c.lanes) - 1; i >= want; i-- {",
            "c.lanes = c.lanes[:want]",
        ),
        (
            "for i := want; i < len(c.lanes); i++ {",
            "c.lanes = c.lanes[:want]",
        ),
        ("for i := 0; i < len(c.lanes); i++ {", "c.lanes = nil"),
        ("for i := 1; i < len(c.lanes); i++ {", "close(c.lanes[0])"),
        ("for i := 1; i < len(c.lanes); i++ {", "c.lanes = c.lanes[:1]"),
        (
            "for i := len(c.lanes) - 1; i > other; i-- {",
            "c.lanes = c.lanes[:want]",
        ),
    ] {
        let source = crew(round, behind);
        let found = judge(&source, "chan receive", "m.(*crew).work", "m.(*crew).resize");
        assert!(!found.waits_for.contains("leaves out"), "{round}: {found:?}");
    }
}

#[test]
fn a_loop_that_stops_all_workers_but_one_is_named() {
    let source = "package m\nimport \"testing\"\ntype worker struct{ quit chan int }\nfunc start() *worker {\n\tw := &worker{make(chan int)}\n\tgo w.work() // go 21\n\treturn w\n}\nfunc (w *worker) work() {\n\t<-w.quit // 21\n}\nfunc (w *worker) Stop() { close(w.quit) }\nfunc TestA(t *testing.T) {\n\tvar all []*worker\n\tfor range 3 {\n\t\tall = append(all, start())\n\t}\n\tfor i := 1; i < len(all); i++ { // round\n\t\tall[i].Stop() // stops\n\t}\n}\n";
    let found = judge(source, "chan receive", "m.(*worker).work", "m.start");
    let round = line(source, "// round");
    assert_eq!(
        fact_and_fix(&found),
        format!(
            "`Stop` is called (x.go:{}), but its loop (`i := 1`, x.go:{round}) leaves out the first one: `i := 0` in place of `i := 1` (x.go:{round})",
            line(source, "// stops")
        )
    );
    let whole = source.replace("i := 1", "i := 0");
    let found = judge(&whole, "chan receive", "m.(*worker).work", "m.start");
    assert!(!found.waits_for.contains("leaves out"), "{found:?}");
    let none = source.replace("all[i].Stop() // stops", "println(all[i])");
    let found = judge(&none, "chan receive", "m.(*worker).work", "m.start");
    assert_eq!(
        found.fix,
        "call `Stop` of each in `all` when the test is done, for example in t.Cleanup"
    );
}

#[test]
fn a_function_that_makes_a_channel_and_alone_sends_to_it_is_to_close_it() {
    let source = |behind: &str| {
        format!(
            "package m\nimport (\"sync\"; \"testing\")\nfunc serve(asked []string) {{\n\tvar wg sync.WaitGroup\n\tout := make(chan string, 4) // made\n\tgo write(out, &wg) // go 21\n\tfor _, one := range asked {{\n\t\tif one == \"\" {{\n\t\t\tout <- \"empty\"\n\t\t\tcontinue\n\t\t}}\n\t\tout <- one // last\n\t}}\n\t{behind}\n}}\nfunc write(from <-chan string, wg *sync.WaitGroup) {{\n\tfor line := range from {{ // 21\n\t\tprintln(line)\n\t}}\n}}\nfunc TestA(t *testing.T) {{ serve(nil) }}\n"
        )
    };
    let text = source("println(1)");
    let found = judge(&text, "chan receive", "m.write", "m.serve");
    assert_eq!(
        fact_and_fix(&found),
        format!(
            "serve, which alone sends to it, does not close it: `defer close(out)` right after line {}",
            line(&text, "// made")
        )
    );
    // What is deferred would come after that.
    let text = source("wg.Wait() // waits");
    let found = judge(&text, "chan receive", "m.write", "m.serve");
    assert_eq!(
        found.fix,
        format!(
            "`close(out)` behind the last send (line {}), before `wg.Wait()` (line {})",
            line(&text, "// last"),
            line(&text, "// waits")
        )
    );
    for behind in [
        "close(out)",
        "go func() { out <- \"more\" }()",
        "all.out = out",
        "keep(out)",
    ] {
        let found = judge(&source(behind), "chan receive", "m.write", "m.serve");
        assert!(!found.waits_for.contains("alone sends"), "{behind}: {found:?}");
    }
}

#[test]
fn a_test_that_makes_a_channel_for_others_is_to_close_it_behind_their_last_send() {
    let source = "package m\nimport \"testing\"\ntype group struct{ out chan<- int }\nfunc newGroup(out chan<- int) *group {\n\tg := &group{out: out}\n\tgo g.run()\n\treturn g\n}\nfunc (g *group) run() {\n\tfor i := range 3 {\n\t\tg.out <- i // sends\n\t}\n}\nfunc TestA(t *testing.T) {\n\tall := make(chan int) // made\n\tgo func() { // go 21\n\t\tfor range all { // 21\n\t\t}\n\t}()\n\tnewGroup(all)\n}\n";
    let found = judge(source, "chan receive", "m.TestA.func1", "m.TestA");
    assert_eq!(
        found.fix,
        format!(
            "close `all`, which TestA makes (line {}), when nothing sends to it any more: after run has sent for the last time (line {})",
            line(source, "// made"),
            line(source, "// sends")
        )
    );
}

#[test]
fn the_loop_that_leaves_one_out_is_named_where_the_test_calls_what_has_it() {
    let source = crew(
        "for i := len(c.lanes) - 1; i > want; i-- {",
        "c.lanes = c.lanes[:want]",
    )
    .replace("\tc.resize(3)", "\tc.resize(3) // leaks");
    let dump = goroutine(21, "chan receive", "", "m.(*crew).work", &source)
        .replace("created by m.TestA", "created by m.(*crew).resize");
    let dump = format!(
        "{}\n[originating from goroutine 10]:\nm.(*crew).resize(...)\n\t/m/x.go:{} +0x1\nm.TestA(...)\n\t/m/x.go:{} +0x1\ncreated by testing.(*T).Run\n\t/go/src/t.go:2 +0x1\n",
        dump.trim_end_matches('\n'),
        line(&source, "// go 21"),
        line(&source, "// leaks"),
    );
    let found = of(&all(&dump, &source), "m.(*crew).work").clone();
    assert!(found.fix.starts_with("`i >= want` in place of"), "{found:?}");
}

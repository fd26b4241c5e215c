//! Ends that go through a map or list, and do not find the goroutine's own there.

use super::kind::{all, fact_and_fix, goroutine, line, of};
use crate::leak::*;

/// A type that keeps one cancel function for each name; `PUT` keeps one, `TAKE` looks for it.
const WATCHER: &str = "package m\nimport (\"context\"; \"strings\"; \"testing\")\ntype watcher struct{ stops map[string]context.CancelFunc }\nfunc (w *watcher) Watch(name string) {\n\tctx, cancel := context.WithCancel(context.Background())\n\tPUT\n\tgo watch(ctx) // go 21\n}\nfunc watch(ctx context.Context) {\n\t<-ctx.Done() // 21\n}\nfunc (w *watcher) Unwatch(name string) {\n\tTAKE\n\t\tstop()\n\t}\n}\nfunc TestA(t *testing.T) {\n\tw := &watcher{}\n\tw.Watch(\"A\")\n\tw.Unwatch(\"A\") // ends\n}\n";

fn watched(put: &str, take: &str) -> (Cause, String) {
    let source = WATCHER.replace("PUT", put).replace("TAKE", take);
    let dump = goroutine(21, "chan receive", "", "m.watch", &source)
        .replace("created by m.TestA", "created by m.(*watcher).Watch");
    (of(&all(&dump, &source), "m.watch").clone(), source)
}

#[test]
fn what_is_kept_under_a_key_that_is_made_otherwise_is_not_found() {
    const LOOK: &str = "if stop, ok := w.stops[name]; ok { // looks";
    let (found, source) = watched("w.stops[strings.ToLower(name)] = cancel // puts", LOOK);
    let at = |mark: &str| format!("x.go:{}", line(&source, mark));
    let (puts, looks) = (at("// puts"), at("// looks"));
    assert_eq!(
        fact_and_fix(&found),
        format!(
            "`Unwatch` of the watcher is called ({}), but that looks for `w.stops[name]` ({looks}), and it is kept as `w.stops[strings.ToLower(name)]` ({puts}): use the same key in both places ({looks}, {puts})",
            at("// ends")
        )
    );
    // One that is made in the same way, under a name of its own, is the same.
    for (put, take) in [
        ("w.stops[name] = cancel", LOOK),
        (
            "w.stops[strings.ToLower(name)] = cancel",
            "key := strings.ToLower(name)\n\tif stop, ok := w.stops[key]; ok {",
        ),
    ] {
        let (found, _) = watched(put, take);
        assert!(!found.waits_for.contains("kept as"), "{found:?}");
        assert!(
            found.waits_for.contains("`Unwatch` of the watcher is called"),
            "{found:?}"
        );
    }
}

#[test]
fn a_function_that_a_method_takes_out_of_a_field_is_called_for_the_field() {
    let source = "package m\nimport (\"context\"; \"testing\")\ntype sweeper struct{ stop context.CancelFunc }\nfunc start() *sweeper {\n\tctx, cancel := context.WithCancel(context.Background())\n\tgo sweep(ctx) // go 21\n\treturn &sweeper{stop: cancel}\n}\nfunc sweep(ctx context.Context) {\n\t<-ctx.Done() // 21\n}\nfunc (s *sweeper) Halt() {\n\tstop := s.stop\n\ts.stop = nil\n\tstop()\n}\nfunc TestA(t *testing.T) {\n\t_ = start()\n}\n";
    let dump = goroutine(21, "chan receive", "", "m.sweep", source)
        .replace("created by m.TestA", "created by m.start");
    let groups = all(&dump, source);
    assert_eq!(
        of(&groups, "m.sweep").fix,
        format!(
            "keep what `start` (x.go:{}) returns as `sweeper`, and call Halt of `sweeper`: `t.Cleanup(sweeper.Halt)`",
            line(source, "_ = start")
        )
    );
}

/// A hub that closes what it knows of; `JOIN` makes a connection known.
fn hub(join: &str) -> (Cause, String) {
    let source = format!(
        "package m\nimport \"testing\"\ntype peer struct{{ quit chan int }}\nfunc (p *peer) work() {{\n\t<-p.quit // 21\n}}\ntype hub struct{{ peers map[*peer]bool }}\nfunc (h *hub) Join(is bool) {{\n\tp := &peer{{quit: make(chan int)}}\n\t{join}\n\tgo p.work() // go 21\n}}\nfunc (h *hub) Close() {{\n\tfor p := range h.peers {{\n\t\tclose(p.quit)\n\t}}\n}}\nfunc TestA(t *testing.T) {{\n\th := &hub{{map[*peer]bool{{}}}}\n\th.Join(false)\n\th.Close() // ends\n}}\n"
    );
    let dump = goroutine(21, "chan receive", "", "m.(*peer).work", &source)
        .replace("created by m.TestA", "created by m.(*hub).Join");
    (of(&all(&dump, &source), "m.(*peer).work").clone(), source)
}

#[test]
fn what_is_put_into_a_map_only_in_a_branch_is_missed_by_a_loop_over_it() {
    let (found, source) = hub("if is {\n\t\th.peers[p] = true // puts\n\t}");
    let put = format!("`h.peers[p] = true` (x.go:{})", line(&source, "// puts"));
    assert_eq!(
        fact_and_fix(&found),
        format!(
            "`Close` of the hub is called (x.go:{}), but that finds only what {put} has put there, which is done only where `is`: do {put} on every path, before the goroutine starts",
            line(&source, "// ends")
        )
    );
    // Under its own key nothing else can take its place.
    let (found, _) = hub("h.peers[p] = true // puts");
    assert!(!found.waits_for.contains("put"), "{found:?}");
}

//! Waiters that give up and stay where others look for whom to send to.

use super::kind::{all, goroutine, line, of};
use crate::leak::*;

fn judge(source: &str, func: &str) -> Cause {
    let dump = goroutine(21, "chan send", "", func, source);
    of(&all(&dump, source), func).clone()
}

/// A queue of those that wait for a turn.
fn queue(gives_up: &str) -> String {
    format!(
        "package m\nimport (\"context\"; \"sync\"; \"testing\")\ntype desk struct{{\n\tmu sync.Mutex\n\tline []chan bool\n}}\nfunc (d *desk) Enter(ctx context.Context) error {{\n\tcall := make(chan bool) // made\n\td.mu.Lock()\n\td.line = append(d.line, call) // puts\n\td.mu.Unlock()\n\tselect {{\n\tcase <-call:\n\t\treturn nil\n\tcase <-ctx.Done(): // leaves\n\t\t{gives_up}\n\t\treturn ctx.Err()\n\t}}\n}}\nfunc (d *desk) Leave() {{\n\td.mu.Lock()\n\tdefer d.mu.Unlock()\n\tfirst := d.line[0]\n\td.line = d.line[1:]\n\tfirst <- true // 21\n}}\nfunc (d *desk) drop(chan bool) {{}}\nfunc TestA(t *testing.T) {{\n\td := &desk{{}}\n\td.Enter(t.Context())\n\tgo d.Leave() // go 21\n}}\n"
    )
}

#[test]
fn a_waiter_that_gives_up_and_stays_in_its_queue_is_named() {
    let source = queue("println(1)");
    let found = judge(&source, "m.(*desk).Leave");
    let at = |mark: &str| format!("line {}", line(&source, mark));
    assert_eq!(
        found.waits_for,
        format!(
            "a receiver on `first`: Enter may have given up (`<-ctx.Done()`, {}), and leaves `call` in `d.line` then ({})",
            at("// leaves"),
            at("// puts")
        )
    );
    assert_eq!(
        found.fix,
        format!(
            "take `call` out of `d.line` in the case `<-ctx.Done()` ({}), under its lock, and give its channel room for one value (`make(chan bool, 1)`, {}); where it is not in there any more its turn has come: hand that on",
            at("// leaves"),
            at("// made")
        )
    );
}

#[test]
fn a_waiter_that_takes_itself_out_is_not_named() {
    let deferred = queue("println(1)").replace("\tselect {", "\tdefer d.drop(call)\n\tselect {");
    let looped = queue("println(1)")
        .replace("\tselect {", "\tfor {\n\tselect {")
        .replace("ctx.Err()\n\t}", "ctx.Err()\n\t}}");
    let roomy = queue("println(1)").replace("make(chan bool)", "make(chan bool, 1)");
    let uncalled = queue("println(1)").replace("\td.Enter(t.Context())\n", "");
    for source in [
        queue("d.drop(call)"),
        queue("d.line = nil"),
        deferred,
        looped,
        roomy,
        uncalled,
    ] {
        let found = judge(&source, "m.(*desk).Leave");
        assert!(!found.waits_for.contains("given up"), "{source}\n{found:?}");
    }
}

#[test]
fn a_call_that_gives_up_and_stays_among_the_open_ones_is_named() {
    let source = "package m\nimport (\"testing\"; \"time\")\ntype call struct{ answer chan string }\ntype link struct{ open map[int]*call }\nfunc (l *link) Ask(id int) string {\n\tc := &call{answer: make(chan string)} // made\n\tl.open[id] = c // puts\n\tselect {\n\tcase text := <-c.answer:\n\t\treturn text\n\tcase <-time.After(time.Second): // leaves\n\t\treturn \"\"\n\t}\n}\nfunc (l *link) read() {\n\tfor id := range 3 {\n\t\tc := l.open[id]\n\t\tc.answer <- \"a\" // 21\n\t}\n}\nfunc TestA(t *testing.T) {\n\tl := &link{}\n\tgo l.read() // go 21\n\tl.Ask(1)\n}\n";
    let found = judge(source, "m.(*link).read");
    assert!(
        found.waits_for.contains(&format!(
            "Ask may have given up (`<-time.After(time.Second)`, line {}), and leaves `c` in `l.open` then (line {})",
            line(source, "// leaves"),
            line(source, "// puts")
        )),
        "{found:?}"
    );
    assert!(
        found.fix.ends_with(&format!(
            "and give its channel room for one value (`make(chan string, 1)`, line {})",
            line(source, "// made")
        )),
        "{found:?}"
    );
    let out = source.replace("\t\treturn \"\"\n", "\t\tdelete(l.open, id)\n\t\treturn \"\"\n");
    assert!(!judge(&out, "m.(*link).read").waits_for.contains("given up"));
}

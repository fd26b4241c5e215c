//! Causes that hang on a variable: a loop that a case leaves by a flag.

use super::cause_kind_tests::{line, only, words};

/// A loop over a select, whose case for `h.stop` has these statements, with these around.
fn loops(head: &str, before: &str, case: &str, after: &str) -> String {
    format!(
        "package m\ntype hub struct {{\n\tin   chan int\n\tstop chan struct{{}}\n\tover bool\n}}\nfunc open() *hub {{\n\th := &hub{{in: make(chan int), stop: make(chan struct{{}})}}\n\tgo work(h) // go 21\n\treturn h\n}}\nfunc work(h *hub) {{\n\tdone, busy := false, true\n\t{head} {{\n{before}\t\tselect {{ // 21\n\t\tcase v := <-h.in:\n\t\t\tuse(v)\n\t\tcase <-h.stop:\n{case}\t\t}}\n{after}\t}}\n}}\nfunc (h *hub) Add() {{ h.in <- 1 }}\nfunc (h *hub) Close() {{ close(h.stop) }}\nfunc TestA(t *testing.T) {{ open().Add() }}\n"
    )
}

#[test]
fn a_case_that_sets_the_flag_of_its_loop_ends_it() {
    for source in [
        loops(
            "for",
            "\t\tif done {\n\t\t\treturn\n\t\t}\n",
            "\t\t\tdone = true\n",
            "",
        ),
        loops(
            "for",
            "",
            "\t\t\tdone = true\n",
            "\t\tif done || v > 3 {\n\t\t\tbreak\n\t\t}\n",
        ),
        loops(
            "for",
            "",
            "\t\t\tbusy = false\n",
            "\t\tif !busy {\n\t\t\treturn\n\t\t}\n",
        ),
        loops("for !done", "", "\t\t\tdone = true\n", ""),
        loops("for busy && !h.over", "", "\t\t\tbusy = false\n", ""),
        loops("for !h.over", "", "\t\t\th.over = true\n", ""),
    ] {
        let cause = only("select", &source);
        assert!(!words(&cause).contains("ends its loop"), "{source}\n{cause:?}");
        let close = line(&source, "func (h *hub) Close()");
        assert!(
            cause
                .fix
                .starts_with(&format!("call `Close` of the hub (x.go:{close})")),
            "{source}\n{cause:?}"
        );
    }
}

#[test]
fn a_case_that_may_end_its_loop_in_what_it_calls_or_counts_is_not_said_to_end_none() {
    for source in [
        loops("for !h.over", "", "\t\t\th.end()\n", ""),
        loops("for n := 0; n < 3; n++", "", "\t\t\tprintln()\n", ""),
        loops(
            "for",
            "\t\tif h.over {\n\t\t\treturn\n\t\t}\n",
            "\t\t\th.end()\n",
            "",
        ),
    ] {
        let cause = only("select", &source);
        assert!(!words(&cause).contains("ends its loop"), "{source}\n{cause:?}");
        assert!(!cause.fix.contains("`return` in the case"), "{source}\n{cause:?}");
    }
}

#[test]
fn a_case_that_sets_what_its_loop_does_not_ask_for_lacks_a_return() {
    for case in ["\t\t\tdone = true\n", "\t\t\tdone = false\n", ""] {
        let ends = match case.contains("false") {
            true => "\t\tif done {\n\t\t\treturn\n\t\t}\n",
            false => "",
        };
        let source = loops("for", ends, case, "");
        let cause = only("select", &source);
        if ends.is_empty() {
            assert!(
                cause.waits_for.ends_with("none of them ends its loop"),
                "{cause:?}"
            );
            assert!(
                cause.fix.starts_with("`return` in the case `<-h.stop`"),
                "{cause:?}"
            );
        } else {
            assert!(!cause.fix.contains("call `Close`"), "{cause:?}");
        }
    }
}

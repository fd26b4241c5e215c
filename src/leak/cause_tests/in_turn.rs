//! Causes of goroutines whose end is in another one's hands, which waits before that.

use super::kind::{all, line, of, words};
use crate::leak::*;

const LOCK: &str = "internal/sync.runtime_SemacquireMutex(0x1)\n\t/go/src/runtime/sema.go:1 +0x1\nsync.(*Mutex).Lock(...)\n\t/go/src/sync/mutex.go:1\n";

/// A goroutine with these calls, innermost first, each with the mark of its line.
fn goroutine(source: &str, id: u32, state: &str, above: &str, calls: &[(&str, &str)]) -> String {
    let frames: String = calls
        .iter()
        .map(|(call, mark)| format!("m.{call}()\n\t/m/x.go:{} +0x1\n", line(source, mark)))
        .collect();
    let go = line(source, &format!("// go {id}"));
    format!(
        "goroutine {id} [{state}]:\n{above}{frames}created by m.TestA in goroutine 10\n\t/m/x.go:{go} +0x2\n\n"
    )
}

fn requests(finish: &str) -> (String, Cause) {
    let source = format!(
        "package m\nimport \"sync\"\ntype request struct {{\n\tlock *sync.Mutex\n\tdone chan bool\n}}\nfunc ask() request {{\n\tr := request{{lock: &sync.Mutex{{}}, done: make(chan bool, 1)}}\n\tr.lock.Lock() // locks\n\tgo func() {{ // go 21\n\t\tr.lock.Lock() // wants\n\t\tr.lock.Unlock()\n\t\tr.done <- true\n\t}}()\n\treturn r\n}}\nfunc finish(r request) {{\n\tr.lock.Unlock() // unlocks\n\t<-r.done // waits\n}}\nfunc each(all []request) {{\n{finish}\n}}\nfunc TestA() {{\n\tgo each([]request{{ask(), ask()}}) // go 22\n}}\n"
    );
    let dump = goroutine(&source, 21, "sync.Mutex.Lock", LOCK, &[("ask.func1", "// wants")])
        + &goroutine(
            &source,
            22,
            "chan receive",
            "",
            &[("finish", "// waits"), ("each", "// calls")],
        );
    let found = all(&dump, &source);
    let cause = of(&found, "m.ask.func1").clone();
    (source, cause)
}

#[test]
fn a_lock_that_is_given_back_in_a_later_round_is_named_with_who_waits_in_an_earlier_one() {
    let (source, cause) = requests("\tfor _, r := range all {\n\t\tfinish(r) // calls\n\t}");
    let at = |mark: &str| format!("x.go:{}", line(&source, mark));
    assert_eq!(
        cause.waits_for,
        format!(
            "`r.lock`, a mutex that ask locked at {}, and finish, which unlocks it ({}), has not come to this one: m.each waits in it for another one ({})",
            at("// locks"),
            at("// unlocks"),
            at("// waits")
        )
    );
    assert_eq!(
        cause.fix,
        format!(
            "let each unlock all of them (`r.lock.Unlock()`, {}) in a loop of its own, and wait ({}) only after that",
            at("// unlocks"),
            at("// waits")
        )
    );
}

#[test]
fn one_call_alone_is_no_round() {
    let (_, cause) = requests("\tfinish(all[0]) // calls");
    assert!(!words(&cause).contains("has not come to this one"), "{cause:?}");
}

fn stopped(shut: &str) -> (String, Cause) {
    let source = format!(
        "package m\ntype stopper struct {{\n\tquit, drained chan struct{{}}\n}}\nfunc (s *stopper) Stop() {{\n\tclose(s.quit)\n}}\nfunc (s *stopper) work() {{\n\t<-s.quit // work\n}}\nfunc shut(s *stopper) {{\n{shut}\n}}\nfunc TestA() {{\n\ts := &stopper{{quit: make(chan struct{{}}), drained: make(chan struct{{}})}}\n\tgo s.work() // go 21\n\tgo shut(s) // go 22\n}}\n"
    );
    let dump = goroutine(&source, 21, "chan receive", "", &[("(*stopper).work", "// work")])
        + &goroutine(&source, 22, "chan receive", "", &[("shut", "// drained")]);
    let found = all(&dump, &source);
    let cause = of(&found, "m.(*stopper).work").clone();
    (source, cause)
}

#[test]
fn who_waits_before_it_calls_what_ends_a_goroutine_is_named() {
    for shut in [
        "\t<-s.drained // drained\n\ts.Stop() // stops",
        "\tdefer s.Stop() // stops\n\t<-s.drained // drained",
    ] {
        let (source, cause) = stopped(shut);
        let at = |mark: &str| format!("x.go:{}", line(&source, mark));
        assert!(
            cause.waits_for.ends_with(&format!(
                "; `Stop` of the stopper ({}) has not been called yet: m.shut waits before it ({})",
                at("// stops"),
                at("// drained")
            )),
            "{cause:?}"
        );
        assert_eq!(cause.fix, "end the wait of m.shut first, which calls `Stop` then");
    }
}

#[test]
fn who_waits_for_the_goroutine_itself_is_not_to_go_on_first() {
    let (source, _) = stopped("\t<-s.drained // drained\n\ts.Stop() // stops");
    let source = source.replace("\t<-s.quit // work\n", "\t<-s.quit // work\n\tclose(s.drained)\n");
    let dump = goroutine(&source, 21, "chan receive", "", &[("(*stopper).work", "// work")])
        + &goroutine(&source, 22, "chan receive", "", &[("shut", "// drained")]);
    let found = all(&dump, &source);
    let cause = of(&found, "m.(*stopper).work");
    assert!(!words(cause).contains("not been called yet"), "{cause:?}");
}

#[test]
fn a_call_that_has_been_made_is_not_said_to_come() {
    let (_, cause) = stopped("\ts.Stop() // stops\n\t<-s.drained // drained");
    assert!(!words(&cause).contains("not been called yet"), "{cause:?}");
}

fn own_loop(made: &str, send: &str) -> (String, Cause) {
    let source = format!(
        "package m\ntype hub struct {{\n\tin chan int\n\tnext *hub\n}}\nfunc newHub() *hub {{\n\tin := make(chan int, 1)\n\treturn &hub{{in: in}}\n}}\nfunc (h *hub) queue() chan int {{\n\treturn h.in\n}}\nfunc (h *hub) put(n int) {{\n\t{send} <- n // puts\n}}\nfunc (h *hub) loop() {{\n\tfor n := range h.queue() {{ // takes\n\t\th.put(n) // calls\n\t}}\n}}\nfunc TestA() {{\n{made}\n\tgo h.loop() // go 21\n}}\n"
    );
    let calls = [("(*hub).put", "// puts"), ("(*hub).loop", "// calls")];
    let dump = goroutine(&source, 21, "chan send", "", &calls);
    let found = all(&dump, &source);
    let cause = of(&found, "m.(*hub).loop").clone();
    (source, cause)
}

#[test]
fn a_send_to_the_channel_of_ones_own_loop_is_named() {
    let (source, cause) = own_loop("\th := newHub()", "h.in");
    assert!(
        cause.waits_for.starts_with(&format!(
            "room in `h.in`: its buffer (`1`) is full, and the sender receives from it itself, in loop (line {}), once it gets past this send",
            line(&source, "// takes")
        )),
        "{cause:?}"
    );
}

#[test]
fn a_send_to_the_next_one_of_a_ring_is_not_one_to_itself() {
    let (_, cause) = own_loop(
        "\th, other := newHub(), newHub()\n\th.next, other.next = other, h",
        "h.next.in",
    );
    assert!(!words(&cause).contains("itself"), "{cause:?}");
}

//! Causes of locks that are reached through a Cond or a Locker: `c.L.Lock()` is the lock that NewCond was given.

use super::kind::{all, line, of, words};
use crate::leak::*;

const READ: &str = "sync.runtime_SemacquireRWMutexR(0x1)\n\t/go/src/runtime/sema.go:1 +0x1\nsync.(*RWMutex).RLock(...)\n\t/go/src/sync/rwmutex.go:1\n";
const WRITE: &str = "sync.runtime_SemacquireRWMutex(0x1)\n\t/go/src/runtime/sema.go:1 +0x1\nsync.(*RWMutex).Lock(0x1)\n\t/go/src/sync/rwmutex.go:1 +0x1\n";
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

/// A reader through the Cond that reads again, and a writer.
fn reader_and_writer(made: &str) -> (String, Cause, Cause) {
    let source = format!(
        "package m\nimport \"sync\"\ntype pool struct {{\n\tmu, other sync.RWMutex\n\tchanged *sync.Cond\n}}\nfunc (p *pool) run() {{\n\tp.changed.L.Lock() // outer\n\tdefer p.changed.L.Unlock()\n\tp.size() // calls\n}}\nfunc (p *pool) size() {{\n\tp.mu.RLock() // again\n\tdefer p.mu.RUnlock()\n}}\nfunc (p *pool) grow() {{\n\tp.mu.Lock() // write\n\tdefer p.mu.Unlock()\n}}\nfunc TestA() {{\n\tp := &pool{{}}\n{made}\n\tgo p.run() // go 21\n\tgo p.grow() // go 22\n}}\n"
    );
    let reads = [("(*pool).size", "// again"), ("(*pool).run", "// calls")];
    let dump = goroutine(&source, 21, "sync.RWMutex.RLock", READ, &reads)
        + &goroutine(
            &source,
            22,
            "sync.RWMutex.Lock",
            WRITE,
            &[("(*pool).grow", "// write")],
        );
    let found = all(&dump, &source);
    let reader = of(&found, "m.(*pool).run").clone();
    let writer = of(&found, "m.(*pool).grow").clone();
    (source, reader, writer)
}

#[test]
fn a_cond_over_a_read_locker_has_read_locked_the_lock_behind_it() {
    let (source, reader, writer) = reader_and_writer("\tp.changed = sync.NewCond(p.mu.RLocker())");
    let at = |mark: &str| format!("x.go:{}", line(&source, mark));
    assert_eq!(
        reader.waits_for,
        format!(
            "`p.mu`, an RWMutex that it has read-locked as `p.changed.L` at {} already: m.(*pool).grow waits to write, and a new reader waits behind that",
            at("// outer")
        )
    );
    assert_eq!(
        reader.fix,
        "do not lock `p.mu` in what m.(*pool).run calls while it is locked as `p.changed.L`: split off a part that expects it to be locked"
    );
    assert_eq!(
        writer.waits_for,
        format!(
            "`p.mu`, an RWMutex that m.(*pool).run read-locked as `p.changed.L` at {} and holds while it waits for `p.mu` ({}), behind this one, which wants to write",
            at("// outer"),
            at("// again")
        )
    );
}

#[test]
fn a_cond_over_another_lock_or_over_one_of_two_holds_nothing_that_is_known() {
    for made in [
        "\tp.changed = sync.NewCond(p.other.RLocker())",
        "\tp.changed = sync.NewCond(p.other.RLocker())\n\tif p.mu.TryLock() {\n\t\tp.changed = sync.NewCond(p.mu.RLocker())\n\t}",
    ] {
        let (_, reader, _) = reader_and_writer(made);
        assert!(!words(&reader).contains("already"), "{made}: {reader:?}");
    }
}

/// Who holds a lock through a Cond or Locker, and one that wants the lock itself.
fn holder_and_waiter(field: &str, made: &str, held: &str) -> (String, Cause) {
    let source = format!(
        "package m\nimport \"sync\"\ntype gate struct {{ L sync.Mutex }}\ntype box struct {{\n\tmu sync.Mutex\n\t{field}\n}}\nfunc (b *box) keep(in chan int) {{\n\t{held}.Lock() // held\n\tdefer {held}.Unlock()\n\t<-in // in\n}}\nfunc (b *box) put() {{\n\tb.mu.Lock() // wants\n\tb.mu.Unlock()\n}}\nfunc TestA() {{\n\tb := &box{{}}\n\t{made}\n\tgo b.keep(make(chan int)) // go 21\n\tgo b.put() // go 22\n}}\n"
    );
    let dump = goroutine(&source, 21, "chan receive", "", &[("(*box).keep", "// in")])
        + &goroutine(
            &source,
            22,
            "sync.Mutex.Lock",
            LOCK,
            &[("(*box).put", "// wants")],
        );
    let found = all(&dump, &source);
    let cause = of(&found, "m.(*box).put").clone();
    (source, cause)
}

#[test]
fn a_lock_that_is_held_through_a_cond_or_a_locker_is_known_by_its_own_name() {
    for (field, made, held) in [
        ("cond *sync.Cond", "b.cond = sync.NewCond(&b.mu)", "b.cond.L"),
        ("cond sync.Cond", "b.cond.L = &b.mu", "b.cond.L"),
        ("cond *sync.Cond", "b.cond = &sync.Cond{L: &b.mu}", "b.cond.L"),
        ("by sync.Locker", "b.by = &b.mu", "b.by"),
    ] {
        let (source, cause) = holder_and_waiter(field, made, held);
        let at = line(&source, "// held");
        assert!(
            cause.waits_for.starts_with(&format!(
                "`b.mu`, a mutex that m.(*box).keep locked as `{held}` at x.go:{at} and holds while"
            )),
            "{made}: {cause:?}"
        );
    }
}

#[test]
fn a_field_of_that_name_of_another_type_is_a_lock_of_its_own() {
    let (_, cause) = holder_and_waiter("cond gate", "_ = b", "b.cond.L");
    assert!(!cause.waits_for.contains("holds"), "{cause:?}");
}

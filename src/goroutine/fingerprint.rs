//! The identity of a leak: stable over edits of lines, machines and Go versions.

use super::{Fingerprint, Frame, Goroutine, name, owner};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// How much of the stack identifies a leak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// All functions that are not of the standard library, and the owner.
    Stack,
    /// Owner and creator only: for what runs, whose stack differs from look to look.
    Owner,
}

/// Hash over the cause and the normalised functions of stack and creator.
///
/// Frames of the standard library do not count (but for the owner): they change between Go versions,
/// as `sync.runtime_SemacquireMutex` (≤ 1.23) and `internal/sync.(*Mutex).lockSlow` do. Each function counts
/// once, so that the depth of a recursion does not matter.
pub fn fingerprint(cause: &str, goroutine: &Goroutine) -> Fingerprint {
    fingerprint_of(cause, goroutine, Depth::Stack)
}

/// The same, with a choice of depth.
pub fn fingerprint_of(cause: &str, goroutine: &Goroutine, depth: Depth) -> Fingerprint {
    let mut hash = Sha256::new();
    hash.update(cause);
    for part in parts(goroutine, depth) {
        hash.update("\n");
        hash.update(part);
    }
    let mut text = String::with_capacity(16);
    for byte in hash.finalize().iter().take(8) {
        let _ = write!(text, "{byte:02x}");
    }
    Fingerprint(text)
}

/// The text that is hashed, line by line.
fn parts(goroutine: &Goroutine, depth: Depth) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    let owner = owner::owner_index(&goroutine.frames);
    let counts = |(index, frame): (usize, &Frame)| {
        let owner = owner == Some(index);
        owner
            || (!name::is_wrapper(frame.func.as_str())
                && depth == Depth::Stack
                && !name::is_std(frame.func.as_str()))
    };
    for (_, frame) in goroutine.frames.iter().enumerate().filter(|&pair| counts(pair)) {
        let name = name::normal(frame.func.as_str());
        if !parts.contains(&name) {
            parts.push(name);
        }
    }
    let created = goroutine
        .created
        .as_ref()
        .map(|created| name::normal(created.func.as_str()));
    parts.push(format!("created by {}", created.unwrap_or_default()));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::goroutine::parse_block;

    fn of(block: &str) -> String {
        fingerprint("mutex-locked", &parse_block(block).expect("a block")).0
    }

    #[test]
    fn versions_and_machines_agree() {
        let old = of(
            "goroutine 7 [sync.Mutex.Lock]:\nsync.runtime_SemacquireMutex(0xc0?, 0x1?, 0x2?)\n\t/go/sema.go:77 +0x25\nsync.(*Mutex).lockSlow(0xc0)\n\t/go/mutex.go:171 +0x15d\nsync.(*Mutex).Lock(...)\n\t/go/mutex.go:90\nm/x.run.func1.1()\n\t/home/a/x.go:9 +0x1\ncreated by m/x.run.func1 in goroutine 6\n\t/home/a/x.go:8 +0x1\n",
        );
        let new = of(
            "goroutine 99 [sync.Mutex.Lock (leaked), 3 minutes]:\ninternal/sync.(*Mutex).lockSlow(0xc0)\n\t/g/mutex.go:1 +0x1\ninternal/sync.(*Mutex).Lock(...)\n\t/g/mutex.go:2\nsync.(*Mutex).Lock(...)\n\t/g/mutex.go:3\nm/x.run.run.func1.func2()\n\tD:/b/x.go:19 +0x1\ncreated by m/x.run in goroutine 1\n\tD:/b/x.go:18 +0x1\n",
        );
        assert_eq!(old, new);
        assert_eq!(old.len(), 16);
    }

    /// A crash dump shows the frames of the runtime and the wrappers that the compiler makes.
    #[test]
    fn a_crash_dump_and_a_plain_one_agree() {
        let plain = of(
            "goroutine 7 [chan receive]:\nm.recv(0x1)\n\t/x.go:9 +0x1\ncreated by m.start in goroutine 6\n\t/x.go:8 +0x1\n",
        );
        let crash = of(
            "goroutine 7 gp=0x1 m=nil [chan receive]:\nruntime.gopark(0x1?)\n\t/g/proc.go:1 +0x1 fp=0x1 sp=0x1 pc=0x1\nruntime.chanrecv(0x1)\n\t/g/chan.go:1 +0x1 fp=0x1 sp=0x1 pc=0x1\nm.recv(0x1)\n\t/x.go:9 +0x1 fp=0x1 sp=0x1 pc=0x1\nm.start.gowrap1()\n\t/x.go:8 +0x1 fp=0x1 sp=0x1 pc=0x1\nruntime.goexit({})\n\t/g/asm.s:1 +0x1 fp=0x1 sp=0x1 pc=0x1\ncreated by m.start in goroutine 6\n\t/x.go:8 +0x1\n",
        );
        assert_eq!(plain, crash);
    }

    #[test]
    fn other_creators_and_owners_are_other_leaks() {
        let block = |owner: &str, creator: &str| {
            of(&format!(
                "goroutine 7 [select]:\nnet/http.{owner}(0x1)\n\t/x.go:1 +0x1\ncreated by {creator} in goroutine 6\n\t/x.go:8 +0x1\n"
            ))
        };
        let read = block("(*persistConn).readLoop", "net/http.(*Transport).dialConn");
        assert_ne!(
            read,
            block("(*persistConn).writeLoop", "net/http.(*Transport).dialConn")
        );
        assert_ne!(read, block("(*persistConn).readLoop", "a.B"));
    }

    #[test]
    fn depth_of_recursion_does_not_matter() {
        let block = |times: usize| {
            let frames = "m.deep(0x1)\n\t/x.go:5 +0x1\n".repeat(times);
            of(&format!(
                "goroutine 7 [select]:\n{frames}created by m.main in goroutine 1\n\t/x.go:8 +0x1\n"
            ))
        };
        assert_eq!(block(1), block(60));
    }
}

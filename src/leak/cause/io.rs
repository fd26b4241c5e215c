//! I/O, system calls and C code.

use super::far_end::is_accepted;
use super::stack::Stack;
use super::{Subject, connection, plain, with};
use crate::goroutine::WaitReason;
use crate::leak::{Cause, CauseCode};

/// What blocks in the network poller, in the kernel or in C.
pub(super) fn by_io(subject: &Subject<'_>, stack: &Stack) -> Option<Cause> {
    let reason = subject.goroutine.state.wait_reason();
    match reason {
        WaitReason::IoWait | WaitReason::Syscall => {}
        WaitReason::Semacquire
            if stack.calls_prefix(&["internal/poll.(*FD)", "internal/poll.runtime_Semacquire"]) =>
        {
            return Some(closing(stack));
        }
        _ => return None,
    }
    let c_code = |name: &str| name.contains("._Cfunc_") || name.contains("._C2func_");
    if reason == WaitReason::Syscall {
        if stack.calls_prefix(&["net._C2func_", "net._Cfunc_"]) {
            return Some(with(
                CauseCode::NetworkIo,
                "the answer of the system's name resolver",
                "",
            ));
        }
        let calls_c = subject.goroutine.frames.iter().any(|frame| {
            let name = frame.func.as_str();
            c_code(name) || name == "runtime.cgocall" || name.starts_with("non-Go function")
        });
        if calls_c || subject.goroutine.state.reason == "waiting for cgo callback" {
            return Some(plain(CauseCode::Cgo));
        }
    }
    Some(match stack.first_package(&["net", "os", "crypto/tls"]) {
        Some("os") if stack.calls(&["os.(*File).Write", "os.(*File).WriteString"]) => with(
            CauseCode::FileIo,
            "room in a file or pipe to write to, whose other end is not read",
            "read the other end until it is closed, or close it when its reader stops",
        ),
        Some("os") => plain(CauseCode::FileIo),
        Some(_) => network(subject, stack),
        None if reason == WaitReason::Syscall => plain(CauseCode::Syscall),
        None => plain(CauseCode::Unknown),
    })
}

fn network(subject: &Subject<'_>, stack: &Stack) -> Cause {
    let writes = stack.calls(&[
        "net.(*conn).Write",
        "net.(*netFD).Write",
        "net.(*UDPConn).WriteTo",
    ]);
    match writes {
        true => with(
            CauseCode::NetworkIo,
            "room to write to a network connection whose peer does not read",
            "set a write deadline (SetWriteDeadline), or close the connection",
        ),
        // To close the listener ends no connection.
        false if is_accepted(subject, subject.goroutine) => with(
            CauseCode::NetworkIo,
            "",
            "close the client's end of the connection when the test is done with it, let the server close what it has accepted, or set a deadline (SetDeadline)",
        ),
        false => match connection::of(subject) {
            Some(found) => with(CauseCode::NetworkIo, &found.waits_for, &found.fix),
            None => plain(CauseCode::NetworkIo),
        },
    }
}

/// Close waits until reads and writes in progress have returned.
fn closing(stack: &Stack) -> Cause {
    let code = match stack.first_package(&["net", "os"]) {
        Some("os") => CauseCode::FileIo,
        _ => CauseCode::NetworkIo,
    };
    with(
        code,
        "a read or write in another goroutine to return, so that the file can be closed",
        "",
    )
}

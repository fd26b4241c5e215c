//! Leaks for the unit tests of this room.

use crate::goroutine::{Created, Fingerprint, Frame, FuncName, GoroutineId, State};
use crate::leak::{Attribution, Cause, CauseCode, Evidenced, Group, TestName, Verdict};
use crate::package_path::PackagePath;

/// One goroutine of `example.com/shop/cart`, started by TestAdd, with this stack (innermost first).
pub fn leak(stack: &[&str], created_by: &str) -> Group {
    let frame = |func: &&str| Frame {
        func: FuncName((*func).to_owned()),
        args: None,
        at: None,
    };
    Group {
        fingerprint: Fingerprint(format!("{:016x}", stack.concat().len())),
        package: PackagePath("example.com/shop/cart".into()),
        tests: vec![TestName("TestAdd".into())],
        attribution: Attribution::Label,
        attributed_by: crate::leak::attribution::By::Running,
        verdict: Verdict::Leaked,
        evidenced: Evidenced::Observed,
        cause: Cause {
            code: CauseCode::Unknown,
            title: String::new(),
            waits_for: String::new(),
            fix: String::new(),
            notes: Vec::new(),
            waits_for_goroutines: Vec::new(),
            awaits: Vec::new(),
            made: None,
        },
        state: State {
            reason: "chan receive".into(),
            ..State::default()
        },
        count: 1,
        ids: vec![GoroutineId(7)],
        instances: Vec::new(),
        owner: FuncName(stack.last().copied().unwrap_or_default().to_owned()),
        blocked_at: None,
        started_at: None,
        stack: stack.iter().map(frame).collect(),
        led_to_by: None,
        test_at: None,
        own_frames: Vec::new(),
        created: Some(Created {
            func: FuncName(created_by.into()),
            by: None,
            at: None,
        }),
        labels: Vec::new(),
        first_seen_ms: 0,
        lived: None,
        stuck: None,
    }
}

//! The guard: ends the process group of `go test` when leakgate itself is killed and can do nothing any more.
//!
//! A shell in a group of its own waits on a pipe that leakgate holds. When the pipe closes without a word, leakgate is
//! gone, and the group is ended. (`PR_SET_PDEATHSIG` would have to be set between fork and exec, which is `unsafe`.)

use rustix::process::Pid;
use std::io::Write;
use std::os::unix::process::CommandExt;

const SCRIPT: &str =
    r#"read -r word || { kill -s INT -- "-$1"; sleep 1; kill -s KILL -- "-$1"; } >/dev/null 2>&1"#;

/// Guards a group until it is dropped.
#[derive(Debug)]
pub(super) struct Guard {
    pipe: std::io::PipeWriter,
    shell: duct::Handle,
}

impl Guard {
    /// `None` where there is no shell: then only a killed leakgate leaves its tests behind.
    pub(super) fn over(group: Pid) -> Option<Self> {
        let (reader, pipe) = std::io::pipe().ok()?;
        let group = group.as_raw_nonzero().to_string();
        let shell = duct::cmd("/bin/sh", ["-c", SCRIPT, "leakgate-guard", &group])
            .stdin_file(reader)
            .stdout_null()
            .stderr_null()
            .dir("/")
            .unchecked()
            .before_spawn(|command| {
                command.process_group(0);
                Ok(())
            })
            .start()
            .ok()?;
        Some(Self { pipe, shell })
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if self.pipe.write_all(b"done\n").is_ok() {
            let _ = self.shell.wait();
        }
    }
}

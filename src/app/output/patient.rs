//! Outputs that a run outlives: what can't be written any more is dropped, the run goes on because its verdict still
//! counts; at its end every loss is reported and none is green.

use crate::app::Failure;
use crate::exit::ExitCode;
use std::cell::RefCell;
use std::io::Write;
use std::rc::Rc;

/// What could not be written during a run.
#[derive(Debug, Clone, Default)]
pub struct Losses(Rc<RefCell<Vec<String>>>);

impl Losses {
    /// Notes a loss; the same one from several writers counts once.
    pub fn note(&self, loss: String) {
        let mut losses = self.0.borrow_mut();
        if !losses.contains(&loss) {
            losses.push(loss);
        }
    }

    /// All of them, once.
    pub fn take(&self) -> Vec<String> {
        self.0.take()
    }
}

/// Standard output, through a run.
pub fn stdout(losses: &Losses) -> Patient<std::io::Stdout> {
    Patient::new(std::io::stdout(), "standard output", losses)
}

/// Ends a verb whose exit code is a verdict: writes what it says to standard output, `to`, says every loss, and lets none
/// be green or change the verdict.
pub fn conclude(to: impl Write, said: &[u8], verdict: ExitCode, losses: &Losses) -> ExitCode {
    let mut out = Patient::new(to, "standard output", losses);
    // A patient stream never fails.
    let _ = out.write_all(said).and_then(|()| out.flush());
    let mut exit = verdict;
    for loss in losses.take() {
        let failed = Failure::Message(loss).report();
        if exit == ExitCode::Clean {
            exit = failed;
        }
    }
    exit
}

/// A stream that never fails. Its first error ends it: a reader that went away is no loss, all else is.
#[derive(Debug)]
pub struct Patient<W> {
    to: W,
    name: String,
    losses: Losses,
    closed: bool,
}

impl<W: Write> Patient<W> {
    /// `name` is how a loss names it.
    pub fn new(to: W, name: impl Into<String>, losses: &Losses) -> Self {
        Self {
            to,
            name: name.into(),
            losses: losses.clone(),
            closed: false,
        }
    }

    fn ended(&mut self, outcome: std::io::Result<()>) {
        let Err(error) = outcome else { return };
        self.closed = true;
        if error.kind() != std::io::ErrorKind::BrokenPipe {
            self.losses.note(format!("can't write to {}: {error}", self.name));
        }
    }
}

impl<W: Write> Write for Patient<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if !self.closed {
            let outcome = self.to.write_all(bytes);
            self.ended(outcome);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        if !self.closed {
            let outcome = self.to.flush();
            self.ended(outcome);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Error, ErrorKind};

    struct Failing(ErrorKind);

    impl Write for Failing {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(Error::from(self.0))
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Err(Error::from(self.0))
        }
    }

    #[test]
    fn a_full_disk_is_one_loss_and_a_reader_that_left_is_none() {
        let losses = Losses::default();
        for kind in [ErrorKind::StorageFull, ErrorKind::BrokenPipe] {
            let mut out = Patient::new(Failing(kind), "x.json", &losses);
            out.write_all(b"one").unwrap();
            out.write_all(b"two").unwrap();
            out.flush().unwrap();
        }
        assert_eq!(losses.take(), ["can't write to x.json: no storage space"]);
    }

    #[test]
    fn a_verdict_stands_and_a_loss_is_not_green() {
        for (kind, verdict, want) in [
            (ErrorKind::BrokenPipe, ExitCode::Leaks, ExitCode::Leaks),
            (ErrorKind::BrokenPipe, ExitCode::Clean, ExitCode::Clean),
            (ErrorKind::StorageFull, ExitCode::Leaks, ExitCode::Leaks),
            (ErrorKind::StorageFull, ExitCode::Clean, ExitCode::Usage),
        ] {
            let exit = conclude(Failing(kind), b"said", verdict, &Losses::default());
            assert_eq!(exit, want, "{kind} {verdict:?}");
        }
        let losses = Losses::default();
        losses.note("can't write r.html".to_owned());
        let exit = conclude(std::io::sink(), b"", ExitCode::Clean, &losses);
        assert_eq!(exit, ExitCode::Usage);
    }
}

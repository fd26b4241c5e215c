//! Conflict marks that `git merge` leaves in a file when both branches changed the same lines.

/// One conflict: its first and its last mark. Lines count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conflict {
    /// The line of `<<<<<<<`, or of the first mark if that one is gone.
    pub first: usize,
    /// The line of `>>>>>>>`, or of the last mark if that one is gone.
    pub last: usize,
}

/// What to do about marks, in the words of an error.
pub const REMEDY: &str = "keep the right lines of both sides, and delete the lines that begin with \
                          `<<<<<<<`, `|||||||`, `=======` or `>>>>>>>`";

impl Conflict {
    /// What is wrong, one sentence.
    pub fn message(&self) -> String {
        if self.first == self.last {
            format!("line {} is a conflict mark of a merge", self.first)
        } else {
            format!(
                "lines {} to {} are a merge conflict that is not resolved",
                self.first, self.last
            )
        }
    }
}

/// Every conflict in a text.
pub fn conflicts(text: &str) -> Vec<Conflict> {
    let mut found: Vec<Conflict> = Vec::new();
    let mut open = false;
    for (index, line) in text.lines().enumerate() {
        let Some(mark) = mark(line) else { continue };
        let number = index + 1;
        match found.last_mut().filter(|_| open && mark != '<') {
            Some(conflict) => conflict.last = number,
            None => found.push(Conflict {
                first: number,
                last: number,
            }),
        }
        open = mark != '>';
    }
    found
}

/// Seven times the same character at the beginning of a line, alone or before a name.
fn mark(line: &str) -> Option<char> {
    let line = line.trim_start_matches('\u{feff}');
    ['<', '|', '=', '>'].into_iter().find(|mark| {
        let rest = line.trim_start_matches(*mark);
        line.len() - rest.len() == 7 && (rest.is_empty() || rest.starts_with([' ', '\r']))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_conflict_is_found_with_its_lines() {
        let text = "a\n<<<<<<< HEAD\nb\n||||||| base\n=======\nc\n>>>>>>> topic\nd\n<<<<<<< HEAD\r\n=======\r\n>>>>>>> x\r\n";
        assert_eq!(
            conflicts(text),
            [Conflict { first: 2, last: 7 }, Conflict { first: 9, last: 11 }]
        );
    }

    #[test]
    fn a_mark_that_was_forgotten_is_found_alone() {
        assert_eq!(conflicts("a\n>>>>>>> topic\n"), [Conflict { first: 2, last: 2 }]);
        assert_eq!(
            conflicts("# ======== title ========\n==========\na = \"=======\"\n"),
            []
        );
    }
}

//! Output that is kept within a limit: the beginning and the end, with a note in place of the middle.

/// Text of any length, kept to a limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptOutput {
    limit: usize,
    head: String,
    /// The end, and up to as much again before it.
    tail: String,
    dropped: usize,
}

/// What a report keeps of a test's output.
pub const REPORT_LIMIT: usize = 64 * 1024;

impl Default for KeptOutput {
    fn default() -> Self {
        Self::with_limit(REPORT_LIMIT)
    }
}

impl KeptOutput {
    /// Keeps at most about `limit` bytes.
    pub fn with_limit(limit: usize) -> Self {
        Self {
            limit,
            head: String::new(),
            tail: String::new(),
            dropped: 0,
        }
    }

    /// Adds a piece.
    pub fn push(&mut self, mut piece: &str) {
        if self.tail.is_empty() && self.dropped == 0 {
            let room = self.limit / 2 - self.head.len();
            if piece.len() <= room {
                self.head.push_str(piece);
                return;
            }
            // As if its lines came one by one.
            let lines = memchr::memrchr(b'\n', &piece.as_bytes()[..room]).map_or(0, |at| at + 1);
            self.head.push_str(&piece[..lines]);
            piece = &piece[lines..];
        }
        self.tail.push_str(piece);
        // Not each time: what is moved for each piece would cost more than the piece.
        if self.tail.len() > self.limit {
            let cut = self.cut();
            self.dropped += cut;
            self.tail.drain(..cut);
        }
    }

    /// How much of the tail is too much, up to the begin of a line.
    fn cut(&self) -> usize {
        let Some(mut cut) = self.tail.len().checked_sub(self.limit / 2) else {
            return 0;
        };
        if cut == 0 || self.tail.as_bytes()[cut - 1] == b'\n' {
            return cut;
        }
        match memchr::memchr(b'\n', &self.tail.as_bytes()[cut..]) {
            Some(end) if cut + end + 1 < self.tail.len() => cut + end + 1,
            _ => {
                while !self.tail.is_char_boundary(cut) {
                    cut += 1;
                }
                cut
            }
        }
    }

    /// The first line that is kept.
    pub fn first_line(&self) -> Option<&str> {
        let first = if self.head.is_empty() {
            &self.tail
        } else {
            &self.head
        };
        first.lines().next()
    }

    /// Nothing was added.
    pub fn is_empty(&self) -> bool {
        self.head.is_empty() && self.tail.is_empty()
    }

    /// All that is kept; where something is missing it says how much.
    pub fn text(&self) -> String {
        let cut = self.cut();
        let dropped = self.dropped + cut;
        let mut text = self.head.clone();
        if dropped > 0 {
            if !text.is_empty() && !text.ends_with('\n') {
                text.push('\n');
            }
            text.push_str(&format!("… {dropped} bytes left out …\n"));
        }
        text.push_str(&self.tail[cut..]);
        text
    }

    /// Ends with a line end, or is empty.
    pub fn at_line_start(&self) -> bool {
        let last = if self.tail.is_empty() {
            &self.head
        } else {
            &self.tail
        };
        last.chars().next_back().is_none_or(|last| last == '\n')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_is_whole() {
        let mut kept = KeptOutput::with_limit(100);
        for piece in ["a\n", "b", "\n"] {
            kept.push(piece);
        }
        assert_eq!(kept.text(), "a\nb\n");
        assert!(kept.at_line_start());
    }

    proptest::proptest! {
        #[test]
        fn lines_that_come_together_are_kept_as_lines_that_come_one_by_one(
            lines in proptest::collection::vec("[aü]{0,12}\n", 0..30),
            cuts in proptest::collection::vec(0..30usize, 0..6),
        ) {
            let (mut one_by_one, mut together) = (KeptOutput::with_limit(60), KeptOutput::with_limit(60));
            for line in &lines {
                one_by_one.push(line);
            }
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(lines.len())).chain([0, lines.len()]).collect();
            cuts.sort_unstable();
            for range in cuts.windows(2) {
                together.push(&lines[range[0]..range[1]].concat());
            }
            proptest::prop_assert_eq!(together.text(), one_by_one.text());
        }
    }

    #[test]
    fn what_does_not_fit_loses_its_middle_and_says_so() {
        let mut kept = KeptOutput::with_limit(40);
        for number in 10..90 {
            kept.push(&format!("{number}\n"));
        }
        let text = kept.text();
        assert!(
            text.starts_with("10\n11\n") && text.ends_with("88\n89\n"),
            "{text}"
        );
        let numbers = text.lines().filter(|line| line.len() == 2).count();
        assert!(
            text.contains(&format!("… {} bytes left out …", (80 - numbers) * 3)),
            "{text}"
        );
    }
}

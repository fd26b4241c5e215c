//! The source around a place, as people read it: tabs are blanks, the common indent is gone, nothing controls a terminal.

use super::safe_text::{cut_middle, safe_text};
use crate::leak::Spot;

/// Columns of a line of source.
const WIDTH: usize = 160;

/// A line of an excerpt.
#[derive(Debug, PartialEq, Eq)]
pub struct ExcerptLine {
    /// Its number, padded to the width of the last one.
    pub number: String,
    /// Safe to print.
    pub text: String,
    /// Whether this is the place itself.
    pub here: bool,
}

/// The lines around a place; none when the file could not be read.
pub fn excerpt(spot: &Spot) -> Vec<ExcerptLine> {
    let digits = spot.lines.last().map_or(0, |line| line.number.to_string().len());
    let lines: Vec<String> = spot
        .lines
        .iter()
        .map(|line| line.text.replace('\t', "    "))
        .collect();
    let indent = lines
        .iter()
        .filter(|line| !line.trim().is_empty())
        .map(|line| leading(line))
        .min()
        .unwrap_or(0);
    let dedented = lines
        .iter()
        .map(|line| line.get(indent.min(leading(line))..).unwrap_or_default());
    spot.lines
        .iter()
        .zip(dedented)
        .map(|(source, text)| ExcerptLine {
            number: format!("{:>digits$}", source.number),
            text: safe_text(&cut_middle(text, WIDTH)).into_owned(),
            here: source.number == spot.at.line,
        })
        .collect()
}

/// Spaces at the start of a line.
fn leading(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::goroutine::{FuncName, Location};
    use crate::leak::SourceLine;

    #[test]
    fn tabs_and_the_common_indent_are_gone() {
        let line = |number, text: &str| SourceLine {
            number,
            text: text.into(),
        };
        let spot = Spot {
            func: FuncName("p.F".into()),
            at: Location {
                file: "/p.go".into(),
                line: 10,
            },
            relative: None,
            lines: vec![
                line(9, "\t\tfor {"),
                line(10, "\t\t\tch <- 1\x1b[31m"),
                line(11, ""),
            ],
        };
        let told: Vec<_> = excerpt(&spot)
            .into_iter()
            .map(|line| (line.number, line.text, line.here))
            .collect();
        let want = [
            (" 9", "for {", false),
            ("10", "    ch <- 1\\x1b[31m", true),
            ("11", "", false),
        ];
        assert_eq!(
            told,
            want.map(|(number, text, here)| (number.to_owned(), text.to_owned(), here))
        );
    }
}

//! `-v`: the output of one package, the front one, flows live; others wait for their turn, as in `go test -v`.

use super::spool::Spool;
use indexmap::IndexMap;
use std::io;

/// Packages in the order they began to print; the first is the front.
#[derive(Debug, Default)]
pub struct Front {
    waiting: IndexMap<String, Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    output: Spool,
    ended: bool,
}

impl Front {
    /// Takes output of a package; gives it back if it is to be shown now.
    pub fn output<'t>(&mut self, package: &str, text: &'t str) -> Option<&'t str> {
        if self.waiting.get_index_of(package) == Some(0) || self.waiting.is_empty() {
            if self.waiting.is_empty() {
                self.waiting.insert(package.to_owned(), Waiting::default());
            }
            return Some(text);
        }
        self.waiting
            .entry(package.to_owned())
            .or_default()
            .output
            .push(text);
        None
    }

    /// Takes the closing lines of a package that ended; writes to `out` all that is to be shown now: these lines if it was
    /// the front, then packages that ended meanwhile, then what the new front has printed so far.
    pub fn end(&mut self, package: &str, closing: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
        let is_front = matches!(self.waiting.get_index_of(package), Some(0)) || self.waiting.is_empty();
        if !is_front {
            let waiting = self.waiting.entry(package.to_owned()).or_default();
            waiting.output.push(&String::from_utf8_lossy(closing));
            waiting.ended = true;
            return Ok(());
        }
        self.waiting.shift_remove(package);
        out.extend_from_slice(closing);
        while let Some((_, next)) = self.waiting.get_index_mut(0) {
            next.output.copy_to(out)?;
            if !next.ended {
                next.output = Spool::default();
                break;
            }
            self.waiting.shift_remove_index(0);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_package_flows_and_the_others_follow_in_order() {
        let mut front = Front::default();
        let mut shown = String::new();
        let mut print = |text: Option<&str>| shown.push_str(text.unwrap_or_default());
        print(front.output("a", "a1\n"));
        print(front.output("b", "b1\n"));
        print(front.output("a", "a2\n"));
        print(front.output("c", "c1\n"));
        let mut ended = Vec::new();
        front.end("b", b"ok b\n", &mut ended).unwrap();
        assert!(ended.is_empty(), "b waits for a");
        front.end("a", b"ok a\n", &mut ended).unwrap();
        shown.push_str(std::str::from_utf8(&ended).unwrap());
        assert_eq!(shown, "a1\na2\nok a\nb1\nok b\nc1\n");
        assert_eq!(front.output("c", "c2\n"), Some("c2\n"), "c is the front now");
    }

    #[test]
    fn a_package_without_output_is_shown_when_nobody_is_before_it() {
        let mut front = Front::default();
        let mut out = Vec::new();
        front.end("a", b"?   a\n", &mut out).unwrap();
        assert_eq!(out, b"?   a\n");
        assert!(front.output("b", "b1\n").is_some());
        front.end("c", b"?   c\n", &mut out).unwrap();
        front.end("b", b"ok b\n", &mut out).unwrap();
        assert_eq!(out, b"?   a\nok b\n?   c\n");
    }
}

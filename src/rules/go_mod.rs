//! go.mod and go.work, as far as the rules need them.

/// What a go.mod says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GoMod {
    /// Path of the module.
    pub module: String,
    /// `go 1.22`: (1, 22).
    pub go: Option<(u32, u32)>,
    /// Path and version of every required module.
    pub requires: Vec<(String, String)>,
    /// Replaced path → path or directory, with the version if there is one.
    pub replaces: Vec<(String, String, Option<String>)>,
    /// Directories of a go.work.
    pub uses: Vec<String>,
}

impl GoMod {
    /// Reads the file. Lines that mean nothing here are skipped.
    pub fn read(text: &str) -> Self {
        let mut read = Self::default();
        let mut block: Option<String> = None;
        for line in text.lines() {
            let line = line.split("//").next().unwrap_or_default();
            let words: Vec<String> = line.split_whitespace().map(unquoted).collect();
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            match (&block, words.as_slice()) {
                (_, []) => {}
                (Some(_), [")"]) => block = None,
                (Some(verb), words) => read.line(verb, words),
                (None, [verb, "("]) => block = Some((*verb).to_owned()),
                (None, [verb, words @ ..]) => read.line(verb, words),
            }
        }
        read
    }

    fn line(&mut self, verb: &str, words: &[&str]) {
        match (verb, words) {
            ("module", [path]) => self.module = (*path).to_owned(),
            ("go", [version]) => self.go = go_version(version),
            ("require", [path, version, ..]) => {
                self.requires.push(((*path).to_owned(), (*version).to_owned()))
            }
            ("use", [dir]) => self.uses.push((*dir).to_owned()),
            ("replace", words) => {
                let Some(arrow) = words.iter().position(|word| *word == "=>") else {
                    return;
                };
                if let (Some(from), Some(to)) = (words.first(), words.get(arrow + 1)) {
                    let version = words.get(arrow + 2).map(|version| (*version).to_owned());
                    self.replaces
                        .push(((*from).to_owned(), (*to).to_owned(), version));
                }
            }
            _ => {}
        }
    }

    /// Whether its list of requirements is whole: since Go 1.17 it names every module a build can need.
    pub fn lists_everything(&self) -> bool {
        self.go.is_some_and(|version| version >= (1, 17))
    }
}

fn go_version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.split(['.', 'r', 'b']);
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

fn unquoted(word: &str) -> String {
    let inner = ['"', '`']
        .iter()
        .find_map(|mark| word.strip_prefix(*mark)?.strip_suffix(*mark));
    inner.unwrap_or(word).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_lines_and_blocks_are_read() {
        let text = "module \"example.com/shop\" // the shop\n\ngo 1.22.3\n\nrequire a.com/x v1.2.3\nrequire (\n\tb.com/y/v2 v2.0.0 // indirect\n\tc.com/z v0.1.0\n)\nreplace c.com/z => ../z\nreplace (\n\ta.com/x v1.2.3 => d.com/x v1.9.0\n)\nretract (\n v1\n)\n";
        let read = GoMod::read(text);
        assert_eq!(
            (read.module.as_str(), read.go),
            ("example.com/shop", Some((1, 22)))
        );
        assert!(read.lists_everything());
        let paths: Vec<&str> = read.requires.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(paths, ["a.com/x", "b.com/y/v2", "c.com/z"]);
        assert_eq!(read.replaces[0], ("c.com/z".into(), "../z".into(), None));
        assert_eq!(read.replaces[1].2.as_deref(), Some("v1.9.0"));
        assert_eq!(
            GoMod::read("go 1.21\nuse (\n\t./a\n\t./b\n)\n").uses,
            ["./a", "./b"]
        );
    }
}

//! Leaky and fixed code of a page: functions of the zoo, which is compiled and run.

/// A pair of functions of one Go file.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    /// The file's text.
    pub file: &'static str,
    /// Function that leaks.
    pub leaky: &'static str,
    /// Its fixed twin.
    pub fixed: &'static str,
}

impl Sample {
    /// The leaky function, with its comment.
    pub fn leaky(&self) -> String {
        function(self.file, self.leaky)
    }

    /// The fixed function, with its comment.
    pub fn fixed(&self) -> String {
        function(self.file, self.fixed)
    }
}

/// A function (or method) of a gofmt-ed file with the comment above it, without the zoo's marks.
fn function(file: &str, name: &str) -> String {
    let lines: Vec<&str> = file.lines().collect();
    let declares = |line: &str| {
        let Some(rest) = line.strip_prefix("func ") else {
            return false;
        };
        let rest = match rest.strip_prefix('(').and_then(|rest| rest.split_once(") ")) {
            Some((_, rest)) => rest,
            None => rest,
        };
        rest.strip_prefix(name).is_some_and(|rest| rest.starts_with('('))
    };
    let Some(head) = lines.iter().position(|line| declares(line)) else {
        return String::new();
    };
    let comment = lines[..head]
        .iter()
        .rev()
        .take_while(|line| line.starts_with("//"))
        .count();
    let length = lines[head..]
        .iter()
        .position(|line| *line == "}")
        .map_or(0, |end| end + 1);
    let without_mark = |line: &&str| {
        let end = [" // blocked: ", " // started: "]
            .iter()
            .find_map(|mark| line.find(mark));
        format!("{}\n", &line[..end.unwrap_or(line.len())])
    };
    lines[head - comment..head + length]
        .iter()
        .map(without_mark)
        .collect()
}

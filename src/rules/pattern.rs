//! How entries name functions, packages and tests: exactly, with Go's `...` wildcard, or by `re:`.

use crate::goroutine::name;
use crate::rules::expression::Expression;

/// What a pattern names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// Functions: compared in normalised spelling.
    Functions,
    /// Import paths, or directories below the rules file (`./x/...`).
    Packages,
    /// Tests: `TestA`, `TestA/...`.
    Tests,
    /// Wait states: `IO wait`.
    States,
}

/// One pattern.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    compared: String,
    form: Form,
}

#[derive(Debug, Clone)]
enum Form {
    Exact,
    /// The literal stretches between the `...`.
    Wild(Vec<String>),
    Regex(Expression),
}

/// A pattern that can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// Nothing there.
    #[error("the pattern is empty")]
    Empty,
    /// Not a regular expression.
    #[error("not a regular expression: {0}")]
    Regex(String),
    /// A glob, which is not our language.
    #[error("`*` is not a wildcard here; it only marks a pointer receiver")]
    Star,
    /// `re:` with nothing to match, or a wildcard alone.
    #[error("the pattern matches everything")]
    Everything,
}

impl PatternError {
    /// What to write instead.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Empty => "name a function, or remove the key",
            Self::Regex(_) => {
                "after `re:` write a regular expression (RE2 syntax) that matches the whole name"
            }
            Self::Star => "write `...` for any text, or `re:` and a regular expression",
            Self::Everything => "name what the entry is about",
        }
    }
}

impl Pattern {
    /// Reads a pattern.
    pub fn parse(text: &str, names: Names) -> Result<Self, PatternError> {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Err(PatternError::Empty);
        }
        if let Some(expression) = trimmed.strip_prefix("re:") {
            return Self::parse_regex(text, expression);
        }
        let compared = match names {
            Names::Functions => spelling(trimmed),
            Names::Packages | Names::Tests | Names::States => trimmed.to_owned(),
        };
        if compared.is_empty() {
            return Err(PatternError::Empty);
        }
        if has_glob_star(&compared, names) {
            return Err(PatternError::Star);
        }
        let form = if compared.contains("...") {
            Form::Wild(compared.split("...").map(str::to_owned).collect())
        } else {
            Form::Exact
        };
        let everything = matches!(&form, Form::Wild(parts) if parts.iter().all(String::is_empty));
        if everything && names == Names::Functions {
            return Err(PatternError::Everything);
        }
        Ok(Self {
            text: text.to_owned(),
            compared,
            form,
        })
    }

    fn parse_regex(text: &str, expression: &str) -> Result<Self, PatternError> {
        if expression.is_empty() {
            return Err(PatternError::Everything);
        }
        let regex = Expression::parse(expression).map_err(PatternError::Regex)?;
        Ok(Self {
            text: text.to_owned(),
            compared: text.trim().to_owned(),
            form: Form::Regex(regex),
        })
    }

    /// As written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// As compared: normalised if it names functions.
    pub fn compared(&self) -> &str {
        &self.compared
    }

    /// The one name it matches, if it is no wildcard and no expression.
    pub fn exact(&self) -> Option<&str> {
        matches!(self.form, Form::Exact).then_some(self.compared.as_str())
    }

    /// Whether it is a `re:` pattern.
    pub fn is_regex(&self) -> bool {
        matches!(self.form, Form::Regex(_))
    }

    /// Whether a name (normalised by the caller if it is a function's) matches.
    pub fn matches(&self, name: &str) -> bool {
        match &self.form {
            Form::Exact => self.compared == name,
            Form::Regex(regex) => regex.is_match(name),
            Form::Wild(parts) => wild(parts, name),
        }
    }

    /// One of these begins every name that a wildcard or an expression matches. `x/...` matches `x` too.
    pub fn starts(&self) -> Vec<&str> {
        match &self.form {
            Form::Exact => Vec::new(),
            Form::Regex(expression) => expression.starts(),
            Form::Wild(parts) => {
                let first = parts.first().map_or("", String::as_str);
                vec![first.strip_suffix('/').unwrap_or(first)]
            }
        }
    }

    /// Whether it certainly matches every name that `other` matches.
    pub fn covers(&self, other: &Self) -> bool {
        self.compared == other.compared
            || match (&self.form, other.exact()) {
                (_, Some(name)) => self.matches(name),
                (Form::Wild(parts), None) if !other.is_regex() => match parts.as_slice() {
                    [prefix, last] if last.is_empty() => other.compared.starts_with(prefix.as_str()),
                    _ => false,
                },
                _ => false,
            }
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.compared == other.compared
    }
}

impl Eq for Pattern {}

/// The spelling in which function patterns are compared. `[...]` goes first: its dots are no wildcard.
fn spelling(text: &str) -> String {
    let plain = text.replace("[...]", "");
    if plain.contains("...") {
        let unescaped = plain.replace("%2e", ".").replace("%2E", ".");
        match unescaped.rfind("/vendor/") {
            Some(at) => unescaped[at + "/vendor/".len()..].to_owned(),
            None => unescaped,
        }
    } else {
        name::normal(&plain)
    }
}

/// `...` is any text; as in `go list`, `x/...` is `x` as well.
fn wild(parts: &[String], name: &str) -> bool {
    let [first, middle @ .., last] = parts else {
        return false;
    };
    if middle.is_empty() && last.is_empty() && first.strip_suffix('/') == Some(name) {
        return true;
    }
    let rest = match name.strip_prefix(first.as_str()) {
        Some(rest) => rest,
        None => match first.strip_suffix('/').and_then(|root| name.strip_prefix(root)) {
            // A function directly in package x: `x.F` under `x/...`.
            Some(rest) if middle.is_empty() && last.is_empty() && rest.starts_with('.') => return true,
            _ => return false,
        },
    };
    let Some(mut rest) = rest.strip_suffix(last.as_str()) else {
        return false;
    };
    for part in middle {
        match rest.find(part.as_str()) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    true
}

/// A star that is no pointer receiver `(*T)`.
fn has_glob_star(text: &str, names: Names) -> bool {
    let bytes = text.as_bytes();
    text.bytes().enumerate().any(|(at, byte)| {
        let pointer = names == Names::Functions && at > 0 && matches!(bytes[at - 1], b'(' | b'*');
        byte == b'*' && !pointer
    }) && names != Names::Tests
}

#[cfg(test)]
mod tests {
    use super::*;

    fn function(text: &str) -> Pattern {
        Pattern::parse(text, Names::Functions).unwrap()
    }

    fn matches(pattern: &str, name: &str) -> bool {
        function(pattern).matches(&name::normal(name))
    }

    #[test]
    fn a_function_is_matched_whole_and_exactly() {
        assert!(matches(
            "net/http.(*persistConn).readLoop",
            "net/http.(*persistConn).readLoop"
        ));
        assert!(!matches(
            "net/http.(*persistConn).read",
            "net/http.(*persistConn).readLoop"
        ));
        assert!(!matches(
            "http.(*persistConn).readLoop",
            "net/http.(*persistConn).readLoop"
        ));
    }

    #[test]
    fn spelling_of_generics_closures_dots_and_vendor_does_not_matter() {
        for (pattern, name) in [
            ("x/pool.(*T[...]).run", "x/pool.(*T[...]).run"),
            ("x/pool.(*T).run", "x/pool.(*T[...]).run"),
            ("main.main.func13.1.1", "main.main.func13.main.func13.1.3"),
            ("main.main", "main.main.func2"),
            (
                "gopkg.in/natefinch/lumberjack.v2.(*Logger).millRun",
                "gopkg.in/natefinch/lumberjack%2ev2.(*Logger).millRun",
            ),
            ("a.com/b.F", "c.com/d/vendor/a.com/b.F"),
        ] {
            assert!(matches(pattern, name), "{pattern} {name}");
        }
    }

    #[test]
    fn three_dots_are_any_text_and_a_package_with_all_below_it() {
        assert!(matches("example.com/x/...", "example.com/x.F"));
        assert!(matches("example.com/x/...", "example.com/x/y.(*T).F"));
        assert!(!matches("example.com/x/...", "example.com/xy.F"));
        assert!(matches("example.com/...watch...", "example.com/a.(*T).watchLoop"));
        assert!(!matches("example.com/...watch", "example.com/a.(*T).watchLoop"));
        let package = Pattern::parse("example.com/x/...", Names::Packages).unwrap();
        assert!(package.matches("example.com/x") && package.matches("example.com/x/y/z"));
        let test = Pattern::parse("TestX/...", Names::Tests).unwrap();
        assert!(test.matches("TestX") && test.matches("TestX/sub") && !test.matches("TestXY"));
    }

    #[test]
    fn an_expression_must_match_the_whole_name() {
        assert!(matches(
            "re:net/http\\..*Loop",
            "net/http.(*persistConn).readLoop"
        ));
        assert!(!matches("re:Loop", "net/http.(*persistConn).readLoop"));
        assert!(!matches("re:a|b", "ab"), "the bars do not reach past the whole");
    }

    #[test]
    fn bad_patterns_say_what_is_wrong() {
        let error = |text| Pattern::parse(text, Names::Functions).unwrap_err();
        assert_eq!(error(" "), PatternError::Empty);
        assert_eq!(error("github.com/docker/docker.*"), PatternError::Star);
        assert_eq!(error("..."), PatternError::Everything);
        assert!(matches!(error("re:("), PatternError::Regex(_)));
        assert!(matches!(error("re:a{999999}"), PatternError::Regex(_)));
    }

    #[test]
    fn a_wider_pattern_covers_a_narrower_one() {
        assert!(function("a.com/...").covers(&function("a.com/b.F")));
        assert!(function("a.com/...").covers(&function("a.com/b/...")));
        assert!(!function("a.com/b/...").covers(&function("a.com/...")));
        assert!(
            !function("re:a.*").covers(&function("re:ab.*")),
            "not known, so no"
        );
    }
}

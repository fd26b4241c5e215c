//! The texts that a Go expression means, as far as one file tells: literals, sums of them, constants, variables of a
//! `range` over literals.

use crate::go_source::{At, GoFile};
use std::collections::BTreeMap;

/// Names of one file with the texts they have.
#[derive(Debug, Default)]
pub struct Names<'a> {
    texts: BTreeMap<&'a str, Vec<String>>,
}

impl<'a> Names<'a> {
    /// Reads constants, variables and `range` clauses of a file.
    pub fn of(file: &'a GoFile) -> Self {
        let mut names = Self::default();
        let root = file.root();
        for spec in root.find(&["const_spec", "var_spec"]) {
            let values = spec.field("value").map_or(Vec::new(), |list| list.children());
            names.define(&spec.fields("name"), &values);
        }
        for statement in root.find(&["short_var_declaration", "assignment_statement"]) {
            let side = |field| {
                statement
                    .field(field)
                    .map_or(Vec::new(), |list: At<'a>| list.children())
            };
            names.define(&side("left"), &side("right"));
        }
        for range in root.find(&["range_clause"]) {
            let variables = range.field("left").map_or(Vec::new(), |list| list.children());
            let texts = range.field("right").and_then(|of| names.list(of));
            if let (Some(variable), Some(texts)) = (variables.get(1), texts) {
                names.texts.insert(variable.text(), texts);
            }
        }
        names
    }

    /// The texts of an expression; `None` if the file does not tell them.
    pub fn value(&self, expression: At<'a>) -> Option<Vec<String>> {
        let expression = expression.bare();
        match expression.kind() {
            "interpreted_string_literal" | "raw_string_literal" => Some(vec![text(expression.text())?]),
            "identifier" => self.texts.get(expression.text()).cloned(),
            "binary_expression" if expression.field("operator").is_none_or(|op| op.text() == "+") => {
                let left = self.value(expression.field("left")?)?;
                let right = self.value(expression.field("right")?)?;
                let sums = left
                    .iter()
                    .flat_map(|a| right.iter().map(move |b| format!("{a}{b}")));
                Some(sums.take(1000).collect())
            }
            _ => None,
        }
    }

    fn define(&mut self, names: &[At<'a>], values: &[At<'a>]) {
        for (name, value) in names.iter().zip(values) {
            if let Some(texts) = self.list(*value).or_else(|| self.value(*value)) {
                self.texts.entry(name.text()).or_insert(texts);
            }
        }
    }

    /// `[]string{"a", "b"}`, or a name of one.
    fn list(&self, expression: At<'a>) -> Option<Vec<String>> {
        if expression.kind() == "identifier" {
            return self.texts.get(expression.text()).cloned();
        }
        let kind = expression
            .field("type")
            .filter(|_| expression.kind() == "composite_literal")?;
        (kind.field("element")?.text() == "string").then_some(())?;
        let elements = expression.field("body")?.children();
        let texts: Vec<Vec<String>> = elements
            .into_iter()
            .map(|element| self.value(element))
            .collect::<Option<_>>()?;
        Some(texts.concat())
    }
}

/// The text of a string literal; `None` if an escape in it is no text.
fn text(literal: &str) -> Option<String> {
    if let Some(raw) = literal.strip_prefix('`') {
        return Some(raw.strip_suffix('`')?.replace('\r', ""));
    }
    let inner = literal.strip_prefix('"')?.strip_suffix('"')?;
    let mut out = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = rest.find('\\') {
        out.extend_from_slice(&rest.as_bytes()[..at]);
        let escape = &rest[at + 1..];
        let first = escape.chars().next()?;
        let digits = |count: usize, radix| {
            let skip = usize::from(!first.is_ascii_digit());
            let digits = escape.get(skip..skip + count)?;
            Some((u32::from_str_radix(digits, radix).ok()?, skip + count))
        };
        let (value, length) = match first {
            'n' => (0x0a, 1),
            't' => (0x09, 1),
            'r' => (0x0d, 1),
            'a' => (0x07, 1),
            'b' => (0x08, 1),
            'f' => (0x0c, 1),
            'v' => (0x0b, 1),
            '\\' | '"' | '\'' => (u32::from(first), 1),
            'x' => digits(2, 16)?,
            'u' => digits(4, 16)?,
            'U' => digits(8, 16)?,
            '0'..='7' => digits(3, 8)?,
            _ => return None,
        };
        if matches!(first, 'u' | 'U') {
            out.extend_from_slice(char::from_u32(value)?.encode_utf8(&mut [0; 4]).as_bytes());
        } else {
            out.push(u8::try_from(value).ok()?);
        }
        rest = &escape[length..];
    }
    out.extend_from_slice(rest.as_bytes());
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_read_as_go_reads_them() {
        assert_eq!(text(r#""a\tb\x41\u00e4\101\\""#).as_deref(), Some("a\tbAäA\\"));
        assert_eq!(text("`a\\n`").as_deref(), Some("a\\n"));
        assert_eq!(text("\"open"), None);
        assert_eq!(text(r#""\q""#), None);
        assert_eq!(text(r#""\x4""#), None);
    }
}

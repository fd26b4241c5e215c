//! OpenTelemetry's `metadata.yaml`: `tests.goleak.ignore.{top,any}` and `tests.goleak.skip`.
//!
//! A reader for this one place, by indentation; the rest of the file is passed over. YAML that is written in another
//! style there (anchors, multi-line texts) is listed as not carried over.

use super::{Dropped, Ignored, Imported, Source};

/// Reads the file. `file` is its path relative to the rules file.
pub fn read(file: &str, text: &str) -> Imported {
    let mut imported = Imported::default();
    let mut path: Vec<(usize, String)> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let at = Source {
            file: file.to_owned(),
            line: u32::try_from(number + 1).unwrap_or(u32::MAX),
        };
        let body = without_comment(line);
        let indent = body.len() - body.trim_start().len();
        let body = body.trim();
        if body.is_empty() {
            continue;
        }
        if let Some(item) = body.strip_prefix("- ").or((body == "-").then_some("")) {
            path.retain(|(depth, _)| *depth <= indent);
            ignored(&path, item, &comment(line), &at, &mut imported);
            continue;
        }
        path.retain(|(depth, _)| *depth < indent);
        let Some((key, value)) = body.split_once(':') else {
            continue;
        };
        path.push((indent, scalar(key).unwrap_or_default()));
        value_of(&path, value.trim(), line, &at, &mut imported);
    }
    imported
}

fn value_of(path: &[(usize, String)], value: &str, line: &str, at: &Source, imported: &mut Imported) {
    if let Some(items) = value.strip_prefix('[') {
        for item in items
            .trim_end_matches(']')
            .split(',')
            .filter(|item| !item.trim().is_empty())
        {
            ignored(path, item, &comment(line), at, imported);
        }
        return;
    }
    if keys(path) == ["tests", "goleak", "skip"] && value == "true" {
        imported.dropped.push(Dropped {
            what: "tests.goleak.skip: true".to_owned(),
            why: "leakgate looks at every package; if its leaks must pass for now, record them with `leakgate baseline write`".to_owned(),
            at: at.clone(),
        });
    } else if matches!(
        keys(path).as_slice(),
        ["tests", "goleak", "ignore", "top" | "any"]
    ) && !value.is_empty()
    {
        dropped(value, at, imported);
    }
}

fn keys(path: &[(usize, String)]) -> Vec<&str> {
    path.iter().map(|(_, key)| key.as_str()).collect()
}

fn ignored(
    path: &[(usize, String)],
    item: &str,
    comment: &Option<String>,
    at: &Source,
    imported: &mut Imported,
) {
    let key = match keys(path).as_slice() {
        ["tests", "goleak", "ignore", "top"] => "top",
        ["tests", "goleak", "ignore", "any"] => "any",
        _ => return,
    };
    match scalar(item) {
        Some(pattern) if !pattern.is_empty() => imported.ignored.push(Ignored {
            key,
            pattern,
            state: None,
            comment: comment.clone(),
            option: format!("tests.goleak.ignore.{key}"),
            at: at.clone(),
        }),
        _ => dropped(item, at, imported),
    }
}

fn dropped(what: &str, at: &Source, imported: &mut Imported) {
    imported.dropped.push(Dropped {
        what: what.trim().to_owned(),
        why: "not a plain text; add the entry by hand".to_owned(),
        at: at.clone(),
    });
}

/// A plain or quoted scalar.
fn scalar(text: &str) -> Option<String> {
    let text = text.trim();
    if let Some(inner) = text.strip_prefix('"') {
        let inner = inner.strip_suffix('"')?;
        return (!inner.contains(['\\', '"'])).then(|| inner.to_owned());
    }
    if let Some(inner) = text.strip_prefix('\'') {
        return inner.strip_suffix('\'').map(|inner| inner.replace("''", "'"));
    }
    (!text.starts_with(['&', '*', '|', '>', '{', '!'])).then(|| text.to_owned())
}

fn comment_start(line: &str) -> Option<usize> {
    let mut quote: Option<char> = None;
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        match quote {
            Some(open) if c == open => quote = None,
            None if (c == '"' || c == '\'') && matches!(before, ' ' | '[' | ',' | '\t') => quote = Some(c),
            None if c == '#' && before.is_whitespace() => return Some(at),
            _ => {}
        }
        before = c;
    }
    None
}

fn without_comment(line: &str) -> &str {
    comment_start(line).map_or(line, |at| &line[..at])
}

fn comment(line: &str) -> Option<String> {
    let text = comment_start(line).map(|at| line[at..].trim_start_matches('#').trim().to_owned());
    text.filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn block_and_flow_lists_are_read_and_the_rest_is_not() {
        let text = "type: otlp\n# comment\nstatus:\n  ignore:\n    top: [not.This]\ntests:\n  config:\n    any:\n      - no\n  goleak:\n    skip: true\n    ignore:\n      top:\n        # See https://example.com\n        - \"go.opencensus.io/stats/view.(*worker).start\" # lazy\n        - 'a.F'\n      any: [b.G, \"c.(*T[...]).H\"]\n    setup: x\n  other:\n    - z\n";
        let imported = read("confignet/metadata.yaml", text);
        let brief: Vec<String> = imported
            .ignored
            .iter()
            .map(|i| format!("{} {} {}", i.at, i.key, i.pattern))
            .collect();
        assert_eq!(
            brief,
            [
                "confignet/metadata.yaml:15 top go.opencensus.io/stats/view.(*worker).start",
                "confignet/metadata.yaml:16 top a.F",
                "confignet/metadata.yaml:17 any b.G",
                "confignet/metadata.yaml:17 any c.(*T[...]).H",
            ]
        );
        assert_eq!(imported.ignored[0].comment.as_deref(), Some("lazy"));
        assert_eq!(imported.dropped.len(), 1);
    }

    #[test]
    fn what_is_no_plain_text_is_said() {
        let imported = read(
            "m.yaml",
            "tests:\n  goleak:\n    ignore:\n      top: *anchor\n      any:\n        - &x a.F\n",
        );
        assert_eq!(imported.ignored, []);
        assert_eq!(imported.dropped.len(), 2);
    }
}

//! Takes off what other tools put around each line of a dump: `go test -json`, CI timestamps,
//! container names, the indent of `t.Log`.

use super::header;
use super::lines::Lines;
use memchr::memmem;
use serde::Deserialize;

/// The text without its framing, or `None` if no framing was found.
pub fn strip(text: &[u8]) -> Option<Vec<u8>> {
    if text.trim_ascii_start().starts_with(b"{") && memmem::find(text, b"\"Output\":").is_some() {
        return json(text);
    }
    prefixed(text)
}

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(rename = "Package", borrow, default)]
    package: std::borrow::Cow<'a, str>,
    #[serde(rename = "Output", borrow, default)]
    output: std::borrow::Cow<'a, str>,
}

/// Output events joined by package, since packages interlace; lines that are no events come first.
fn json(text: &[u8]) -> Option<Vec<u8>> {
    let mut outside = Vec::new();
    let mut packages: indexmap::IndexMap<String, Vec<u8>> = indexmap::IndexMap::new();
    for line in Lines::new(text) {
        match serde_json::from_slice::<Event<'_>>(line.text) {
            Ok(event) => {
                let all = packages.entry(event.package.into_owned()).or_default();
                all.extend_from_slice(event.output.as_bytes());
            }
            Err(_) => outside.extend_from_slice(line.whole),
        }
    }
    let plain = packages.into_values().fold(outside, |mut all, output| {
        all.extend_from_slice(&output);
        all
    });
    Some(prefixed(&plain).unwrap_or(plain))
}

/// A prefix is what stands before a header in its line. Following lines lose it if theirs has the
/// same shape: digits may differ (timestamps), all else is equal.
fn prefixed(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut prefix: Option<&[u8]> = None;
    let mut found = false;
    for line in Lines::new(text) {
        if let Some(column) = header_column(line.text) {
            prefix = Some(&line.text[..column]);
            found |= column > 0;
        }
        let keep = match prefix {
            Some(prefix) if same_shape(prefix, line.text) => prefix.len(),
            // An empty line whose prefix lost its trailing spaces.
            Some(prefix)
                if line.text.len() < prefix.len() && same_shape(prefix.trim_ascii_end(), line.text) =>
            {
                line.text.len()
            }
            _ => 0,
        };
        out.extend_from_slice(&line.whole[keep..]);
    }
    found.then_some(out)
}

fn header_column(line: &[u8]) -> Option<usize> {
    let column = memmem::find(line, b"goroutine ")?;
    header::read(&line[column..]).map(|_| column)
}

fn same_shape(prefix: &[u8], line: &[u8]) -> bool {
    line.len() >= prefix.len()
        && prefix
            .iter()
            .zip(line)
            .all(|(a, b)| a == b || (a.is_ascii_digit() && b.is_ascii_digit()))
}

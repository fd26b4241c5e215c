//! The `html` format: one file that opens anywhere, asks no network, and runs nothing but its own script.
//!
//! The report is a JSON island; the page's script lays it out with text nodes only, so names stay names. The content
//! security policy allows exactly this style and this script, by hash. Without scripts, the leaks are there as plain lines.

mod view;

use super::safe_text::safe_text;
use super::summary::fails_the_gate;
use super::{Report, short};
use sha2::{Digest, Sha256};
use std::io::{self, Write};
use view::View;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");
/// Lines shown where scripts don't run.
const PLAIN_LINES: usize = 2_000;

/// Writes the page.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let title = escape(&view::title(report));
    let policy = format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; img-src data:; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    );
    writeln!(out, "<!doctype html>")?;
    writeln!(out, "<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">")?;
    writeln!(
        out,
        "<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">"
    )?;
    writeln!(
        out,
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
    )?;
    writeln!(
        out,
        "<meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"color-scheme\" content=\"light dark\">"
    )?;
    writeln!(
        out,
        "<meta name=\"generator\" content=\"leakgate {}\">",
        escape(&report.tool.version)
    )?;
    writeln!(out, "<link rel=\"icon\" href=\"data:,\">\n<title>{title}</title>")?;
    writeln!(out, "<style>{STYLE}</style>\n</head>\n<body>")?;
    writeln!(
        out,
        "<a class=\"skip\" href=\"#findings\">Skip to the findings</a>\n<div id=\"page\">"
    )?;
    plain(report, out)?;
    write!(out, "</div>\n<script type=\"application/json\" id=\"data\">")?;
    out.write_all(island(&View::of(report))?.as_bytes())?;
    writeln!(out, "</script>\n<script>{SCRIPT}</script>\n</body>\n</html>")
}

/// What a reader without scripts gets.
fn plain(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<noscript><h1>{}</h1>", escape(&view::title(report)))?;
    writeln!(
        out,
        "<p>This page's script did not run. The failing leaks, one per line:</p>\n<pre>"
    )?;
    let failing: Vec<_> = report
        .findings
        .iter()
        .filter(|finding| fails_the_gate(finding))
        .collect();
    for finding in failing.iter().take(PLAIN_LINES) {
        writeln!(out, "{}", escape(&short::line(&finding.leak)))?;
    }
    if failing.len() > PLAIN_LINES {
        writeln!(out, "and {} more", failing.len() - PLAIN_LINES)?;
    }
    writeln!(out, "</pre></noscript>")
}

/// JSON that can't end its script element.
fn island(view: &View<'_>) -> io::Result<String> {
    let json = serde_json::to_string(view)?;
    let mut safe = String::with_capacity(json.len() + json.len() / 16);
    for c in json.chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => safe += &format!("\\u{:04x}", c as u32),
            c => safe.push(c),
        }
    }
    Ok(safe)
}

fn escape(text: &str) -> String {
    let text = safe_text(text);
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

/// A content-security-policy source for an inline block.
fn hash(text: &str) -> String {
    format!("sha256-{}", base64(&Sha256::digest(text.as_bytes())))
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let at = |index: usize| u32::from(chunk.get(index).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for sextet in 0..4 {
            let padding = sextet > chunk.len();
            let letter = ALPHABET[(bits >> (18 - 6 * sextet) & 63) as usize];
            text.push(if padding { '=' } else { char::from(letter) });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    fn page(report: &Report) -> String {
        let mut bytes = Vec::new();
        write(report, &mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn base64_as_in_rfc_4648() {
        let vectors = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
        ];
        for (plain, coded) in vectors {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn nothing_from_outside_becomes_markup() {
        let page = page(&sample::report());
        assert_eq!(page.matches("<script").count(), 2);
        assert_eq!(page.matches("</script").count(), 2);
        assert!(!page.contains("<img") && !page.contains('\u{202e}') && !page.contains('\u{1b}'));
    }

    #[test]
    fn the_file_names_no_other_file() {
        assert!(!STYLE.contains("url(") && !STYLE.contains("@import"));
        for word in [
            "innerHTML",
            "insertAdjacentHTML",
            "document.write",
            "fetch(",
            "XMLHttpRequest",
            "eval(",
            "import(",
        ] {
            assert!(!SCRIPT.contains(word), "{word}");
        }
    }

    #[test]
    fn the_island_is_json_and_whole() {
        let page = page(&sample::report());
        let start = page.find("id=\"data\">").unwrap() + "id=\"data\">".len();
        let end = page[start..].find("</script>").unwrap() + start;
        let data: serde_json::Value = serde_json::from_str(&page[start..end]).unwrap();
        // FetchFirst and FetchAll are one; watcher, window, hostile, once, stuck, late, background, allowed, baselined
        assert_eq!(data["leaks"].as_array().unwrap().len(), 10);
        assert_eq!(data["packages"].as_array().unwrap().len(), 6);
    }
}

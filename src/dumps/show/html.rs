//! One page that opens anywhere: no script, no network; groups fold open to their stacks.

use super::human::{losses, title};
use crate::dumps::view::{DumpView, Row, View};
use crate::report::safe_text::{NAME_LIMIT, safe_name};
use crate::report::words::{plural, thousands};
use std::fmt::Write as _;

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem;color-scheme:light dark}\
h1{font-size:1.3rem}h2{font-size:1.1rem;margin-top:2rem}details{border-top:1px solid #8884;padding:.3rem 0}\
summary{cursor:pointer;display:flex;gap:1rem}summary b{min-width:6rem;text-align:right}summary i{min-width:4rem;text-align:right;font-style:normal;opacity:.7}\
code,pre{font:13px/1.45 ui-monospace,monospace}pre{overflow:auto;background:#8881;padding:.6rem}meter{width:8rem}dl{display:grid;grid-template-columns:8rem 1fr;gap:.1rem 1rem;margin:.4rem 0 .4rem 2rem}dd{margin:0}";

pub(super) fn page(view: &View) -> String {
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"><meta name=\"viewport\" content=\"width=device-width\"><title>Goroutines</title><style>{STYLE}</style></head><body>\n<h1>Goroutines</h1>\n"
    );
    for trouble in &view.troubles {
        let _ = writeln!(page, "<p>{}</p>", escape(trouble));
    }
    for dump in &view.dumps {
        one(&mut page, dump);
    }
    page.push_str("</body></html>\n");
    page
}

fn one(page: &mut String, dump: &DumpView) {
    let _ = writeln!(page, "<h2>{}</h2>", escape(&title(dump)));
    if let Some(crash) = &dump.crash {
        let _ = writeln!(page, "<p><strong>{}</strong></p>", escape(&crash.headline));
        for line in &crash.lines {
            let _ = writeln!(page, "<p>{}</p>", escape(line));
        }
        if !crash.stuck.is_empty() {
            let lines: Vec<String> = crash.stuck.lines().map(escape).collect();
            let _ = writeln!(page, "<pre>{}</pre>", lines.join("\n"));
        }
    }
    for line in losses(dump) {
        let _ = writeln!(page, "<p>{}</p>", escape(&line));
    }
    for row in &dump.rows {
        self::row(page, row);
    }
    if let Some(folded) = dump.folded {
        let groups = plural(folded.rows as u64, "more group");
        let _ = writeln!(
            page,
            "<p>{groups} with {}</p>",
            plural(folded.goroutines, "goroutine")
        );
    }
}

fn row(page: &mut String, row: &Row) {
    let values = row.by.values().filter(|value| !value.is_empty());
    let names: Vec<String> = values
        .map(|value| {
            format!(
                "<code>{}</code>",
                escape(value.lines().next().unwrap_or_default())
            )
        })
        .collect();
    let _ = writeln!(
        page,
        "<details><summary><b>{}</b><i>{:.1} %</i><meter value=\"{:.4}\"></meter><span>{}</span></summary>\n<dl>",
        thousands(row.goroutines),
        row.share * 100.0,
        row.share,
        names.join(" · ")
    );
    let mut entry = |name: &str, value: &str| {
        if !value.is_empty() {
            let _ = writeln!(page, "<dt>{name}</dt><dd>{}</dd>", escape(value));
        }
    };
    entry("waits for", &row.cause.waits_for);
    entry("fix", &row.cause.fix);
    for (name, place) in [("at", &row.blocked_at), ("started at", &row.started_at)] {
        if let Some(place) = place {
            entry(
                name,
                &format!("{} {}", place.at, place.source.as_deref().unwrap_or_default()),
            );
        }
    }
    if let Some(minutes) = row.longest_wait_minutes {
        entry("longest wait", &plural(minutes, "minute"));
    }
    if row.proven > 0 {
        entry("proven", &plural(row.proven, "goroutine"));
    }
    if let Some(root) = &row.hangs_on {
        entry("hangs on", &format!("{}: {}", root.owner, root.words));
    }
    for kept in &row.keeps {
        entry(
            "keeps",
            &format!("{} of {}", plural(kept.goroutines, "goroutine"), kept.owner),
        );
    }
    entry("rule", row.ruling.because.as_deref().unwrap_or_default());
    for known in &row.known {
        entry("known", &known.words());
    }
    entry("fingerprint", row.fingerprint.as_deref().unwrap_or_default());
    let stack: Vec<String> = row.stack.iter().map(|line| escape(line)).collect();
    let _ = writeln!(page, "</dl><pre>{}</pre></details>", stack.join("\n"));
}

fn escape(text: &str) -> String {
    safe_name(text, 2 * NAME_LIMIT)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

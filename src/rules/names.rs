//! The one spelling in which function names are compared.

use crate::goroutine::FuncName;

/// A function name as rules compare it: no `vendor/` prefix, `%2e` unescaped, no type arguments,
/// closures reduced to the function that holds them.
pub fn normalise(func: &FuncName) -> String {
    let name = unescape(&without_type_arguments(func.as_str()));
    let name = match name.rfind("/vendor/") {
        Some(at) => name[at + "/vendor/".len()..].to_owned(),
        None => name.strip_prefix("vendor/").map(str::to_owned).unwrap_or(name),
    };
    enclosing(&name)
}

fn without_type_arguments(name: &str) -> String {
    let mut depth = 0_usize;
    name.chars()
        .filter(|c| match c {
            '[' => {
                depth += 1;
                false
            }
            ']' => {
                depth = depth.saturating_sub(1);
                false
            }
            _ => depth == 0,
        })
        .collect()
}

fn unescape(name: &str) -> String {
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let hex = tail.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        match hex.and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(byte) if first == b'%' && byte.is_ascii_graphic() => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Cuts `.func1…`, `.gowrap1`, `.deferwrap1`, `-fm` and `-range1`.
fn enclosing(name: &str) -> String {
    let base = name.rfind('/').map_or(0, |slash| slash + 1);
    let mut cut = name.len();
    for mark in [".func", ".gowrap", ".deferwrap", "-range", "-fm"] {
        for (at, _) in name[base..].match_indices(mark) {
            let after = &name[base + at + mark.len()..];
            let digits = after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let ends = matches!(after[digits..].chars().next(), None | Some('.' | '-'));
            if ends && (digits > 0 || mark == "-fm") {
                cut = cut.min(base + at);
                break;
            }
        }
    }
    let kept = &name[..cut];
    match kept.strip_suffix(".glob.") {
        Some(package) => format!("{package}.init"),
        None => kept.to_owned(),
    }
}

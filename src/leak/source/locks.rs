//! Which lock a line takes, and which locks a function holds there.

use super::text::{Func, GoText, is_name, words};

/// A lock as the source names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lock {
    /// As written: `l.sales`.
    pub expr: String,
    /// With the receiver's type in place of its name, so that methods compare: `Ledger.sales`.
    pub key: String,
    /// Where it is taken.
    pub line: u32,
}

/// The lock that the line takes: `l.sales` of `l.sales.Lock()`.
pub fn taken_at(text: &GoText, line: u32) -> Option<Lock> {
    let range = text.line(line)?;
    let at = calls(text, range.start, range.end, &["Lock", "RLock"]).next()?;
    lock(text, at)
}

/// The locks that the function around a line has taken before it and not given back.
pub fn held_at(text: &GoText, line: u32) -> Vec<Lock> {
    let Some(range) = text.line(line) else {
        return Vec::new();
    };
    let start = range.start
        + text.code()[range.clone()]
            .bytes()
            .take_while(u8::is_ascii_whitespace)
            .count();
    let Some(func) = text.funcs_around(start).into_iter().next() else {
        return Vec::new();
    };
    let here = |at: &usize| text.funcs_around(*at).first() == Some(&func);
    let taken = calls(text, func.body.start, range.start, &["Lock", "RLock"]).filter(here);
    taken
        .filter_map(|at| Some((at, lock(text, at)?)))
        .filter(|(at, lock)| !is_released(text, lock, *at, start, &func))
        .map(|(_, lock)| lock)
        .collect()
}

/// Whether it is given back between `from` and `to`, other than by defer or on a path that leaves.
fn is_released(text: &GoText, lock: &Lock, from: usize, to: usize, func: &Func) -> bool {
    let code = text.code();
    calls(text, from, to, &["Unlock", "RUnlock"]).any(|at| {
        let expr = expr_before(code, at);
        let line_start = code[..at].rfind('\n').map_or(0, |end| end + 1);
        let deferred = code[line_start..at].trim_start().starts_with("defer ");
        let same_func = text.funcs_around(at).first() == Some(func);
        expr == lock.expr && same_func && !deferred && !leaves(text, at, to)
    })
}

/// Whether the block around `at` ends before `to` by leaving the function or loop.
fn leaves(text: &GoText, at: usize, to: usize) -> bool {
    let code = text.code();
    let Some((_, close)) = text.block_around(at) else {
        return false;
    };
    let rest = at..close.max(at);
    close < to
        && ["return", "break", "continue", "goto", "panic"]
            .iter()
            .any(|word| words(code, rest.clone(), word).next().is_some())
}

/// Offsets of the dot before the method's name.
fn calls<'a>(
    text: &'a GoText,
    from: usize,
    to: usize,
    methods: &'a [&'a str],
) -> impl Iterator<Item = usize> + 'a {
    let code = text.code();
    methods.iter().flat_map(move |method| {
        words(code, from..to, method).filter_map(move |at| {
            let called = code[at + method.len()..].starts_with("()");
            (called && at > 0 && code.as_bytes()[at - 1] == b'.').then_some(at - 1)
        })
    })
}

fn lock(text: &GoText, dot: usize) -> Option<Lock> {
    let expr = expr_before(text.code(), dot);
    if expr.is_empty() {
        return None;
    }
    let key = key(text, &expr, dot);
    Some(Lock {
        expr,
        key,
        line: text.line_of(dot),
    })
}

/// The selector expression that ends at the dot.
fn expr_before(code: &str, dot: usize) -> String {
    let start = code[..dot]
        .bytes()
        .rev()
        .take_while(|&byte| is_name(byte) || byte == b'.')
        .count();
    code[dot - start..dot].to_owned()
}

/// `l.sales` in `func (l *Ledger) sell()` is `Ledger.sales`.
fn key(text: &GoText, expr: &str, at: usize) -> String {
    let (root, rest) = expr.split_once('.').unwrap_or((expr, ""));
    for func in text.funcs_around(at) {
        let head = &text.code()[func.head];
        let Some(receiver) = head
            .strip_prefix("func (")
            .and_then(|head| head.split(')').next())
        else {
            continue;
        };
        let Some((name, kind)) = receiver.split_once(' ') else {
            continue;
        };
        if name == root {
            let kind = kind.trim_start_matches('*').split('[').next().unwrap_or(kind);
            return if rest.is_empty() {
                kind.to_owned()
            } else {
                format!("{kind}.{rest}")
            };
        }
    }
    expr.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: &str = "package p\nfunc (l *Ledger[T]) sell() {\n\tl.sales.Lock()\n\tdefer l.sales.Unlock()\n\tl.done.RLock()\n\tl.done.RUnlock()\n\tl.log.Lock()\n\tif l.bad {\n\t\tl.log.Unlock()\n\t\treturn\n\t}\n\tgo func() { l.other.Lock() }()\n\tl.stock.Lock()\n}\nfunc f(mu *sync.Mutex) {\n\tmu.Lock()\n\tg(mu)\n}\n";

    #[test]
    fn locks_held_at_a_line_are_those_not_given_back() {
        let text = GoText::new(CODE);
        let wanted = taken_at(&text, 13).expect("a lock");
        assert_eq!(
            (wanted.expr.as_str(), wanted.key.as_str(), wanted.line),
            ("l.stock", "Ledger.stock", 13)
        );
        let held: Vec<_> = held_at(&text, 13)
            .into_iter()
            .map(|lock| (lock.key, lock.line))
            .collect();
        assert_eq!(
            held,
            [("Ledger.sales".to_owned(), 3), ("Ledger.log".to_owned(), 7)]
        );
        let held: Vec<_> = held_at(&text, 17).into_iter().map(|lock| lock.key).collect();
        assert_eq!(held, ["mu"]);
        assert_eq!(taken_at(&text, 17), None);
    }
}

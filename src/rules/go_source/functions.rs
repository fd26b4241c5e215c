//! The functions and methods that a Go file declares, named as a dump would name them.

use super::tokens::{Token, TokenKind, tokens};

/// Names of all top-level functions, without the package: `F`, `(*T).M`, `T.M`.
pub fn functions(source: &str) -> Vec<String> {
    let tokens: Vec<Token<'_>> = tokens(source)
        .into_iter()
        .filter(|token| token.kind != TokenKind::Comment)
        .collect();
    let mut names = Vec::new();
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        if token.kind == TokenKind::Punct {
            match token.text {
                "{" | "(" | "[" => depth += 1,
                "}" | ")" | "]" => depth = depth.saturating_sub(1),
                _ => {}
            }
        } else if depth == 0 && token.is("func") && begins_line(source, token) {
            names.extend(declared(&tokens[at + 1..]));
        }
    }
    names
}

/// A declaration, not a function type such as `type F func(int)`.
fn begins_line(source: &str, token: &Token<'_>) -> bool {
    let before = source[..token.span.start].trim_end_matches([' ', '\t']);
    before.is_empty() || before.ends_with(['\n', ';']) || before.ends_with("*/")
}

/// The name after `func`.
fn declared(rest: &[Token<'_>]) -> Option<String> {
    let first = rest.first()?;
    if first.kind == TokenKind::Word {
        return Some(first.text.to_owned());
    }
    if !first.is("(") {
        return None;
    }
    let close = rest.iter().position(|token| token.is(")"))?;
    let receiver = &rest[1..close];
    let end = receiver
        .iter()
        .position(|token| token.is("["))
        .unwrap_or(receiver.len());
    let kind = receiver[..end]
        .iter()
        .rev()
        .find(|token| token.kind == TokenKind::Word)?
        .text;
    let method = rest
        .get(close + 1)
        .filter(|token| token.kind == TokenKind::Word)?
        .text;
    let pointer = receiver[..end].iter().any(|token| token.is("*"));
    Some(if pointer {
        format!("(*{kind}).{method}")
    } else {
        format!("{kind}.{method}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_and_methods_are_named_as_in_a_dump() {
        let source = r#"package p
// func Commented() {}
const s = "func Text() {}"
type I interface { M() }
type F func(int) error
func Plain(f func(int)) { go func() {}() }
func Generic[T any](t T) {}
func (t *Type) Pointer() {}
func (Type) Value() {}
func (c *Cache[K, V]) Run() {}
func (c Cache[K]) Len() int { return 0 }
var x = func() { func(){}() }
func (*Type) Anonymous() {}
"#;
        assert_eq!(
            functions(source),
            [
                "Plain",
                "Generic",
                "(*Type).Pointer",
                "Type.Value",
                "(*Cache).Run",
                "Cache.Len",
                "(*Type).Anonymous"
            ]
        );
    }
}

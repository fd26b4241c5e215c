//! The functions and methods that a Go file declares, named as a dump would name them.

use super::{DeclKind, GoFile};

/// Names of all top-level functions, without the package: `F`, `(*T).M`, `T.M`.
pub fn functions(source: &str) -> Vec<String> {
    let Some(file) = GoFile::parse("", source.into()) else {
        return Vec::new();
    };
    let name = |decl: &super::Decl| match &decl.kind {
        DeclKind::Func => Some(decl.name.clone()),
        DeclKind::Method {
            receiver,
            pointer: true,
        } => Some(format!("(*{receiver}).{}", decl.name)),
        DeclKind::Method { receiver, .. } => Some(format!("{receiver}.{}", decl.name)),
        _ => None,
    };
    file.decls.iter().filter_map(name).collect()
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

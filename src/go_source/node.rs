//! A node of a syntax tree together with its file.

use super::GoFile;
use tree_sitter::Node;

/// A piece of syntax. Small and free to copy.
#[derive(Clone, Copy)]
pub struct At<'a> {
    /// The file.
    pub file: &'a GoFile,
    /// The node.
    pub node: Node<'a>,
}

impl std::fmt::Debug for At<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{} {}", self.file.path, self.line(), self.text())
    }
}

impl PartialEq for At<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.file, other.file) && self.node == other.node
    }
}

impl<'a> At<'a> {
    /// The text of the node.
    pub fn text(&self) -> &'a str {
        self.file.text.get(self.node.byte_range()).unwrap_or("")
    }

    /// The kind of syntax, as the grammar names it.
    pub fn kind(&self) -> &'static str {
        self.node.kind()
    }

    /// 1-based line of its start.
    pub fn line(&self) -> u32 {
        u32::try_from(self.node.start_position().row + 1).unwrap_or(u32::MAX)
    }

    /// 1-based line of its end.
    pub fn last_line(&self) -> u32 {
        u32::try_from(self.node.end_position().row + 1).unwrap_or(u32::MAX)
    }

    /// Byte of its start.
    pub fn start(&self) -> usize {
        self.node.start_byte()
    }

    /// Byte after its end.
    pub fn end(&self) -> usize {
        self.node.end_byte()
    }

    /// The same file at another node.
    pub fn with(&self, node: Node<'a>) -> Self {
        Self { node, ..*self }
    }

    /// The child in a field of the grammar.
    pub fn field(&self, name: &str) -> Option<Self> {
        self.node.child_by_field_name(name).map(|node| self.with(node))
    }

    /// All children in a field.
    pub fn fields(&self, name: &str) -> Vec<Self> {
        let mut cursor = self.node.walk();
        let nodes = self.node.children_by_field_name(name, &mut cursor);
        nodes
            .filter(|node| node.is_named())
            .map(|node| self.with(node))
            .collect()
    }

    /// The named children, without comments.
    pub fn children(&self) -> Vec<Self> {
        let mut cursor = self.node.walk();
        let nodes = self.node.named_children(&mut cursor);
        nodes
            .filter(|node| node.kind() != "comment")
            .map(|node| self.with(node))
            .collect()
    }

    /// The first named child.
    pub fn first(&self) -> Option<Self> {
        self.children().into_iter().next()
    }

    /// Whether one of the tokens of the node itself is this one.
    pub fn has_token(&self, token: &str) -> bool {
        let mut cursor = self.node.walk();
        self.node.children(&mut cursor).any(|node| node.kind() == token)
    }

    /// What it is part of.
    pub fn parent(&self) -> Option<Self> {
        self.node.parent().map(|node| self.with(node))
    }

    /// What it is part of, from the inside.
    pub fn ancestors(&self) -> impl Iterator<Item = Self> + use<'a> {
        std::iter::successors(self.parent(), At::parent)
    }

    /// It and everything in it whose kind is wanted, in source order.
    pub fn find(&self, wanted: &[&str]) -> Vec<Self> {
        let mut found = Vec::new();
        let mut cursor = self.node.walk();
        loop {
            if wanted.contains(&cursor.node().kind()) {
                found.push(self.with(cursor.node()));
            }
            if cursor.goto_first_child() {
                continue;
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return found;
                }
            }
        }
    }

    /// Whether the other lies in it.
    pub fn contains(&self, other: &Self) -> bool {
        std::ptr::eq(self.file, other.file) && self.start() <= other.start() && other.end() <= self.end()
    }

    /// The innermost function or function literal around it.
    pub fn func(&self) -> Option<Self> {
        self.ancestors().find(At::is_func)
    }

    /// The declared function or method around it.
    pub fn top_func(&self) -> Option<Self> {
        self.ancestors()
            .find(|node| matches!(node.kind(), "function_declaration" | "method_declaration"))
    }

    /// Whether it is a function, method or function literal.
    pub fn is_func(&self) -> bool {
        matches!(
            self.kind(),
            "function_declaration" | "method_declaration" | "func_literal"
        )
    }

    /// The name of a declared function; `func literal` otherwise.
    pub fn func_name(&self) -> &'a str {
        self.field("name").map_or("func literal", |name| name.text())
    }

    /// Without parentheses, `&` and `*` around it.
    pub fn bare(self) -> Self {
        let inner = match self.kind() {
            "parenthesized_expression" | "parenthesized_type" | "pointer_type" => self.first(),
            "literal_element" | "type_elem" => self.first(),
            "unary_expression" if !self.has_token("<-") => self.field("operand"),
            _ => None,
        };
        inner.map_or(self, At::bare)
    }
}

//! Reads the text of [`print`](crate::print) back to a program, not yet verified.

use crate::print::{compare_sign, reduce_name, role_name, unary_name};
use crate::program::{
    Binary, BlockKind, Buffer, BufferId, Compare, Condition, Instr, KernelCall, Map, Node, NodeId, Program, ReduceOp,
    Reduction, Role, Scalar, Store, Unary, View,
};
use crate::verify::MAX_DEPTH;
use sparsec_runtime::Kernel;
use std::collections::HashMap;

/// What is wrong with a program's text, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// Line, from 1.
    pub line: usize,
    /// Character in the line, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

impl std::fmt::Display for ParseError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for ParseError {}

type Result<T> = std::result::Result<T, ParseError>;

/// Parses a program's text.
pub fn parse(text: &str) -> Result<Program> {
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens, next: 0, program: Program::default(), names: HashMap::new() };
    parser.program()?;
    Ok(parser.program)
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    /// A name or keyword.
    Word(String),
    /// A number as written: digits, point, exponent; or `+inf`, `-inf`.
    Number(String),
    Text(String),
    Sign(&'static str),
    /// `// …` without the slashes and one space.
    Comment(String),
    End,
}

#[derive(Clone, Debug)]
struct Placed {
    token: Token,
    line: usize,
    column: usize,
}

/// Longer signs first.
const SIGNS: [&str; 22] =
    ["..", "<=", "==", "!=", "{", "}", "[", "]", "(", ")", ",", ";", "=", "<", "+", "*", "/", "%", "?", "-", ".", ">"];

fn tokens(text: &str) -> Result<Vec<Placed>> {
    let mut tokens = Vec::new();
    for (i, line_text) in text.lines().enumerate() {
        line_tokens(line_text, i + 1, &mut tokens)?;
    }
    let line = text.lines().count() + 1;
    tokens.push(Placed { token: Token::End, line, column: 1 });
    Ok(tokens)
}

fn line_tokens(text: &str, line: usize, tokens: &mut Vec<Placed>) -> Result<()> {
    let (mut rest, mut column) = (text, 1);
    loop {
        let trimmed = rest.trim_start();
        column += rest[..rest.len() - trimmed.len()].chars().count();
        rest = trimmed;
        let Some(first) = rest.chars().next() else { return Ok(()) };
        let (token, len) = if let Some(comment) = rest.strip_prefix("//") {
            (Token::Comment(comment.strip_prefix(' ').unwrap_or(comment).to_owned()), rest.len())
        } else if first.is_alphabetic() || first == '_' {
            let len = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
            (Token::Word(rest[..len].to_owned()), len)
        } else if let Some(len) = number_len(rest) {
            (Token::Number(rest[..len].to_owned()), len)
        } else if first == '"' {
            let Some((value, len)) = quoted(rest) else {
                return Err(ParseError { line, column, message: "a quoted name without an end".to_owned() });
            };
            (Token::Text(value), len)
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            (Token::Sign(sign), sign.len())
        } else {
            return Err(ParseError { line, column, message: format!("`{first}` has no meaning here") });
        };
        tokens.push(Placed { token, line, column });
        column += rest[..len].chars().count();
        rest = &rest[len..];
    }
}

/// Length of a number at the start: `12`, `-0.5`, `1e-8`, `+inf`. A sign counts only right before a digit or `inf`.
fn number_len(text: &str) -> Option<usize> {
    if text.starts_with("+inf") || text.starts_with("-inf") {
        return Some(4);
    }
    let bytes = text.as_bytes();
    let start = usize::from(bytes.first() == Some(&b'-'));
    let digits = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let mut end = start + digits(start);
    if end == start {
        return None;
    }
    // Not the first dot of `3..7`.
    if bytes.get(end) == Some(&b'.') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit) {
        end += 1 + digits(end + 1);
    }
    if bytes.get(end) == Some(&b'e') {
        let sign = usize::from(bytes.get(end + 1) == Some(&b'-'));
        let exponent = digits((end + 1 + sign).min(bytes.len()));
        if exponent > 0 {
            end += 1 + sign + exponent;
        }
    }
    Some(end)
}

/// A text in quotes, with the escapes that Rust's `{:?}` writes, and its length.
fn quoted(text: &str) -> Option<(String, usize)> {
    let mut value = String::new();
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((value, at + 1)),
            '\\' => match chars.next()?.1 {
                'n' => value.push('\n'),
                'r' => value.push('\r'),
                't' => value.push('\t'),
                '0' => value.push('\0'),
                'u' => {
                    let (start, _) = chars.next().filter(|(_, c)| *c == '{')?;
                    let (end, _) = chars.by_ref().find(|(_, c)| *c == '}')?;
                    value.push(char::from_u32(u32::from_str_radix(&text[start + 1..end], 16).ok()?)?);
                }
                other => value.push(other),
            },
            other => value.push(other),
        }
    }
    None
}

struct Parser {
    tokens: Vec<Placed>,
    next: usize,
    program: Program,
    names: HashMap<String, BufferId>,
}

impl Parser {
    fn here(&self) -> &Placed {
        // The last token is the end.
        &self.tokens[self.next.min(self.tokens.len() - 1)]
    }

    fn fail<T>(&self, message: impl Into<String>) -> Result<T> {
        let Placed { line, column, .. } = *self.here();
        Err(ParseError { line, column, message: message.into() })
    }

    fn skip_comments(&mut self) {
        while matches!(self.here().token, Token::Comment(_)) {
            self.next += 1;
        }
    }

    fn peek(&mut self) -> &Token {
        self.skip_comments();
        &self.here().token
    }

    /// The token after the next one; only where no comment is between.
    fn peek_second(&mut self) -> &Token {
        self.skip_comments();
        let after = (self.next + 1).min(self.tokens.len() - 1);
        &self.tokens[after].token
    }

    fn found(&mut self) -> String {
        match self.peek() {
            Token::Word(word) => format!("`{word}`"),
            Token::Number(number) => format!("`{number}`"),
            Token::Text(text) => format!("{text:?}"),
            Token::Sign(sign) => format!("`{sign}`"),
            Token::Comment(_) => "a comment".to_owned(),
            Token::End => "the end".to_owned(),
        }
    }

    fn expected<T>(&mut self, what: &str) -> Result<T> {
        let found = self.found();
        self.fail(format!("expected {what}, found {found}"))
    }

    fn take_sign(&mut self, sign: &str) -> bool {
        let taken = matches!(self.peek(), Token::Sign(s) if *s == sign);
        self.next += usize::from(taken);
        taken
    }

    fn sign(&mut self, sign: &str) -> Result<()> {
        if self.take_sign(sign) { Ok(()) } else { self.expected(&format!("`{sign}`")) }
    }

    fn take_word(&mut self, word: &str) -> bool {
        let taken = matches!(self.peek(), Token::Word(w) if w == word);
        self.next += usize::from(taken);
        taken
    }

    fn word(&mut self, what: &str) -> Result<String> {
        match self.peek() {
            Token::Word(word) => {
                let word = word.clone();
                self.next += 1;
                Ok(word)
            }
            _ => self.expected(what),
        }
    }

    fn size(&mut self) -> Result<usize> {
        let value = match self.peek() {
            Token::Number(number) => number.parse().ok(),
            _ => None,
        };
        match value {
            Some(value) => {
                self.next += 1;
                Ok(value)
            }
            None => self.expected("a size"),
        }
    }

    fn number(&mut self) -> Result<f64> {
        let value = match self.peek() {
            Token::Number(number) => number.parse().ok(),
            _ => None,
        };
        match value {
            Some(value) => {
                self.next += 1;
                Ok(value)
            }
            None => self.expected("a number"),
        }
    }

    fn program(&mut self) -> Result<()> {
        if !self.take_word("program") {
            return self.expected("`program`");
        }
        if let Token::Text(text) = self.peek() {
            self.program.name = text.clone();
            self.next += 1;
        } else {
            self.program.name = self.word("the program's name")?;
        }
        self.sign("{")?;
        while let Some(role) = self.role() {
            self.buffer(role)?;
        }
        for block in BlockKind::ALL {
            if self.take_word(block.name()) {
                self.program.blocks[block as usize] = self.body(0)?;
            }
        }
        self.sign("}")?;
        match self.peek() {
            Token::End => Ok(()),
            _ => self.expected("the end"),
        }
    }

    fn role(&mut self) -> Option<Role> {
        use Role::{Const, Derived, Output, Param, Scratch, State, Table};
        let roles = [Const, Table(Vec::new()), Derived, Param, State, Scratch, Output];
        roles.into_iter().find(|role| self.take_word(role_name(role)))
    }

    fn buffer(&mut self, mut role: Role) -> Result<()> {
        let name = self.word("a buffer's name")?;
        let (mut rows, mut cols) = (1, 1);
        // Not `take_sign`, which would skip the description.
        if self.here().token == Token::Sign("[") {
            self.next += 1;
            rows = self.size()?;
            if self.take_sign(",") {
                cols = self.size()?;
            }
            self.sign("]")?;
        }
        if let Role::Table(values) = &mut role {
            self.sign("=")?;
            self.sign("[")?;
            if !self.take_sign("]") {
                loop {
                    values.push(self.number()?);
                    if !self.take_sign(",") {
                        break;
                    }
                }
                self.sign("]")?;
            }
        }
        let mut doc = String::new();
        let line = self.tokens[self.next.saturating_sub(1)].line;
        if let Placed { token: Token::Comment(comment), line: at, .. } = self.here()
            && *at == line
        {
            doc.clone_from(comment);
            self.next += 1;
        }
        let id = BufferId(self.program.buffers.len() as u32);
        self.names.entry(name.clone()).or_insert(id);
        self.program.buffers.push(Buffer { name, rows, cols, role, doc });
        Ok(())
    }

    fn body(&mut self, depth: usize) -> Result<Vec<Instr>> {
        if depth > MAX_DEPTH {
            return self.fail(format!("branches or loops are nested deeper than {MAX_DEPTH}"));
        }
        self.sign("{")?;
        let mut body = Vec::new();
        while !self.take_sign("}") {
            body.push(self.instr(depth)?);
        }
        Ok(body)
    }

    fn instr(&mut self, depth: usize) -> Result<Instr> {
        // A buffer may have the name of a keyword: then `=`, `,` or `[` follows.
        let is_output = matches!(self.peek_second(), Token::Sign("=" | "," | "["));
        if is_output {
            self.kernel()
        } else if self.take_word("map") {
            self.map()
        } else if self.take_word("if") {
            let condition = self.condition()?;
            let then = self.body(depth + 1)?;
            let otherwise = if self.take_word("else") { self.body(depth + 1)? } else { Vec::new() };
            Ok(Instr::If { condition, then, otherwise })
        } else if self.take_word("loop") {
            let times = self.size()?;
            let until = if self.take_word("until") { Some(self.condition()?) } else { None };
            Ok(Instr::Loop { times, until, body: self.body(depth + 1)? })
        } else {
            self.expected("an instruction")
        }
    }

    fn view(&mut self) -> Result<View> {
        let Token::Word(name) = self.peek().clone() else { return self.expected("a buffer") };
        let Some(&buffer) = self.names.get(&name) else {
            let message = format!("there is no buffer {}", self.found());
            return self.fail(message);
        };
        self.next += 1;
        let Buffer { rows, cols, .. } = self.program.buffers[buffer.0 as usize];
        let index_follows = matches!(self.peek(), Token::Sign("[")) && matches!(self.peek_second(), Token::Number(_));
        if !index_follows {
            return Ok(View { buffer, offset: 0, len: rows.saturating_mul(cols) });
        }
        self.sign("[")?;
        let offset = self.size()?;
        let mut len = 1;
        if self.take_sign("..") {
            let end = self.size()?;
            let Some(found) = end.checked_sub(offset) else { return self.fail("the part ends before it starts") };
            len = found;
        }
        self.sign("]")?;
        Ok(View { buffer, offset, len })
    }

    fn scalar(&mut self) -> Result<Scalar> {
        match self.peek() {
            Token::Number(_) => self.number().map(Scalar::Literal),
            _ => self.view().map(Scalar::View),
        }
    }

    fn compare(&mut self) -> Result<Compare> {
        let relations = [Compare::Lt, Compare::Le, Compare::Eq, Compare::Ne];
        match relations.into_iter().find(|c| self.take_sign(compare_sign(*c))) {
            Some(compare) => Ok(compare),
            None => self.expected("`<`, `<=`, `==` or `!=`"),
        }
    }

    fn condition(&mut self) -> Result<Condition> {
        let left = self.scalar()?;
        let compare = self.compare()?;
        let right = self.scalar()?;
        Ok(Condition { compare, left, right })
    }

    fn kernel(&mut self) -> Result<Instr> {
        let mut outputs = vec![self.view()?];
        while self.take_sign(",") {
            outputs.push(self.view()?);
        }
        self.sign("=")?;
        let Token::Word(name) = self.peek().clone() else { return self.expected("a kernel") };
        let Some(kernel) = Kernel::from_name(&name) else {
            let message = format!("there is no kernel {}", self.found());
            return self.fail(message);
        };
        self.next += 1;
        self.sign("(")?;
        let mut dims = Vec::new();
        while !self.take_sign(";") {
            if !dims.is_empty() {
                self.sign(",")?;
            }
            self.word("the name of a size")?;
            self.sign("=")?;
            dims.push(self.size()?);
        }
        let mut inputs = Vec::new();
        while !self.take_sign(")") {
            if !inputs.is_empty() {
                self.sign(",")?;
            }
            inputs.push(self.view()?);
        }
        Ok(Instr::Kernel(KernelCall { kernel, dims, inputs, outputs }))
    }

    fn map(&mut self) -> Result<Instr> {
        let mut map = Map { len: self.size()?, ..Map::default() };
        self.sign("{")?;
        while !self.take_sign("}") {
            if matches!(self.peek(), Token::Sign("%")) {
                let id = self.node_id()?;
                if id.0 as usize != map.nodes.len() {
                    return self.fail(format!("node {} in the place of node {}", id.0, map.nodes.len()));
                }
                self.sign("=")?;
                map.nodes.push(self.node()?);
                continue;
            }
            let to = self.view()?;
            if self.element()? {
                self.sign("=")?;
                map.stores.push(Store { to, value: self.node_id()? });
            } else {
                self.sign("=")?;
                let ops = [ReduceOp::Sum, ReduceOp::Max, ReduceOp::Min];
                let Some(op) = ops.into_iter().find(|op| self.take_word(reduce_name(*op))) else {
                    return self.expected("`sum`, `max` or `min`");
                };
                self.sign("(")?;
                map.reductions.push(Reduction { op, value: self.node_id()?, to });
                self.sign(")")?;
            }
        }
        Ok(Instr::Map(map))
    }

    /// `[i]` after a view.
    fn element(&mut self) -> Result<bool> {
        if !self.take_sign("[") {
            return Ok(false);
        }
        if !self.take_word("i") {
            return self.expected("`i`");
        }
        self.sign("]")?;
        Ok(true)
    }

    fn node_id(&mut self) -> Result<NodeId> {
        self.sign("%")?;
        let id = self.size()?;
        match u32::try_from(id) {
            Ok(id) => Ok(NodeId(id)),
            Err(_) => self.fail("a node's number is too large"),
        }
    }

    fn node(&mut self) -> Result<Node> {
        let called = matches!(self.peek_second(), Token::Sign("("));
        match self.peek() {
            Token::Number(_) => self.number().map(Node::Literal),
            Token::Sign("%") => {
                let a = self.node_id()?;
                let signs = [("+", Binary::Add), ("-", Binary::Sub), ("*", Binary::Mul), ("/", Binary::Div)];
                let Some((_, op)) = signs.into_iter().find(|(sign, _)| self.take_sign(sign)) else {
                    return self.expected("`+`, `-`, `*` or `/`");
                };
                Ok(Node::Binary(op, a, self.node_id()?))
            }
            Token::Word(_) if called => self.function(),
            _ => {
                let view = self.view()?;
                Ok(if self.element()? { Node::Element(view) } else { Node::Scalar(view) })
            }
        }
    }

    fn function(&mut self) -> Result<Node> {
        use Unary::{Abs, Exp, Log, Log1p, Neg, Sqrt};
        if let Some(op) = [Neg, Abs, Sqrt, Exp, Log, Log1p].into_iter().find(|op| self.take_word(unary_name(*op))) {
            self.sign("(")?;
            let a = self.node_id()?;
            self.sign(")")?;
            return Ok(Node::Unary(op, a));
        }
        for (name, op) in [("min", Binary::Min), ("max", Binary::Max)] {
            if self.take_word(name) {
                self.sign("(")?;
                let a = self.node_id()?;
                self.sign(",")?;
                let b = self.node_id()?;
                self.sign(")")?;
                return Ok(Node::Binary(op, a, b));
            }
        }
        if !self.take_word("select") {
            return self.expected("an operation");
        }
        self.sign("(")?;
        let a = self.node_id()?;
        let compare = self.compare()?;
        let b = self.node_id()?;
        self.sign(",")?;
        let then = self.node_id()?;
        self.sign(",")?;
        let otherwise = self.node_id()?;
        self.sign(")")?;
        Ok(Node::Select { compare, a, b, then, otherwise })
    }
}

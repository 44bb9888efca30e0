//! The text of `symbols.scm` and `imports.scm` as trees, before kinds, fields and captures get
//! their numbers.
//!
//! This reads what `FORMAT.md` allows of tree-sitter's query language and refuses the rest: a
//! construct that is half understood would match something else than it says.

use super::PatternError;

/// One pattern: its root, and the predicates found anywhere inside it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Rule<'text> {
    pub(super) root: Expression<'text>,
    pub(super) predicates: Vec<Call<'text>>,
}

/// What stands for one node, or for a run of nodes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Expression<'text> {
    pub(super) field: Option<&'text str>,
    /// A `.` stands before it.
    pub(super) is_anchored: bool,
    pub(super) shape: Shape<'text>,
    pub(super) times: Times,
    pub(super) captures: Vec<&'text str>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Shape<'text> {
    /// `_`
    Any,
    /// `"text"`
    Literal(String),
    /// `(kind …)`
    Node(NodeShape<'text>),
    /// `[…]`
    Choice(Vec<Expression<'text>>),
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct NodeShape<'text> {
    pub(super) kind: &'text str,
    /// Fields that must be empty.
    pub(super) absent: Vec<&'text str>,
    pub(super) children: Vec<Expression<'text>>,
    /// A `.` stands after the last child.
    pub(super) is_closed: bool,
}

/// How often something occurs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Times {
    One,
    /// `?`
    Optional,
    /// `+`
    Some,
    /// `*`
    Any,
}

/// `(#name? argument…)`
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Call<'text> {
    pub(super) name: &'text str,
    pub(super) arguments: Vec<Argument<'text>>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Argument<'text> {
    Capture(&'text str),
    Text(String),
}

/// Reads all patterns of a text.
pub(super) fn rules(text: &str) -> Result<Vec<Rule<'_>>, PatternError> {
    let mut reader = Reader { rest: text, predicates: Vec::new() };
    let mut rules = Vec::new();
    while reader.peek().is_some() {
        let root = reader.expression()?;
        rules.push(Rule { root, predicates: std::mem::take(&mut reader.predicates) });
    }
    Ok(rules)
}

struct Reader<'text> {
    rest: &'text str,
    /// Those of the pattern that is being read.
    predicates: Vec<Call<'text>>,
}

impl<'text> Reader<'text> {
    fn expression(&mut self) -> Result<Expression<'text>, PatternError> {
        let shape = match self.peek() {
            Some('[') => Shape::Choice(self.choice()?),
            Some('"') => Shape::Literal(self.string()?),
            Some('(') => {
                self.rest = &self.rest[1..];
                if matches!(self.peek(), Some('(' | '[' | '"')) {
                    return self.group();
                }
                Shape::Node(self.node()?)
            }
            _ => match self.word()? {
                "_" => Shape::Any,
                field => {
                    self.expect(':')?;
                    let field = Some(field);
                    return Ok(Expression { field, ..self.expression()? });
                }
            },
        };
        let (is_anchored, times, captures) = (false, Times::One, Vec::new());
        self.suffixed(Expression { field: None, is_anchored, shape, times, captures })
    }

    fn choice(&mut self) -> Result<Vec<Expression<'text>>, PatternError> {
        self.expect('[')?;
        let mut branches = vec![self.expression()?];
        while !self.skip(']') {
            branches.push(self.expression()?);
        }
        Ok(branches)
    }

    /// Reads the one expression of a group, whose parenthesis is open already.
    fn group(&mut self) -> Result<Expression<'text>, PatternError> {
        let expression = self.expression()?;
        while !self.skip(')') {
            if !self.predicate()? {
                return Err(self.error("holds more than one node in a group"));
            }
        }
        self.suffixed(expression)
    }

    /// Reads a node whose parenthesis is open already.
    fn node(&mut self) -> Result<NodeShape<'text>, PatternError> {
        let kind = self.word()?;
        let (mut absent, mut children, mut is_anchored) = (Vec::new(), Vec::new(), false);
        while !self.skip(')') {
            if self.skip('!') {
                absent.push(self.word()?);
            } else if self.skip('.') {
                is_anchored = true;
            } else if !self.predicate()? {
                children.push(Expression { is_anchored, ..self.expression()? });
                is_anchored = false;
            }
        }
        Ok(NodeShape { kind, absent, children, is_closed: is_anchored })
    }

    fn suffixed(
        &mut self,
        mut expression: Expression<'text>,
    ) -> Result<Expression<'text>, PatternError> {
        loop {
            if self.skip('@') {
                expression.captures.push(self.word()?);
                continue;
            }
            let times = match self.peek() {
                Some('?') => Times::Optional,
                Some('+') => Times::Some,
                Some('*') => Times::Any,
                _ => return Ok(expression),
            };
            if expression.times != Times::One {
                return Err(self.error("is repeated twice"));
            }
            self.rest = &self.rest[1..];
            expression.times = times;
        }
    }

    /// Reads a predicate, if one follows.
    fn predicate(&mut self) -> Result<bool, PatternError> {
        let Some(rest) = self.ahead().strip_prefix("(#") else { return Ok(false) };
        self.rest = rest;
        let name = self.word()?;
        self.expect('?')?;
        let mut arguments = Vec::new();
        while !self.skip(')') {
            arguments.push(match self.peek() {
                Some('"') => Argument::Text(self.string()?),
                Some('@') => {
                    self.expect('@')?;
                    Argument::Capture(self.word()?)
                }
                _ => Argument::Text(self.word()?.to_owned()),
            });
        }
        self.predicates.push(Call { name, arguments });
        Ok(true)
    }

    fn word(&mut self) -> Result<&'text str, PatternError> {
        let text = self.ahead();
        let is_word = |character: char| character.is_alphanumeric() || "_-.".contains(character);
        let end = text.find(|character| !is_word(character)).unwrap_or(text.len());
        if end == 0 {
            return Err(self.error("is no name"));
        }
        self.rest = &text[end..];
        Ok(&text[..end])
    }

    fn string(&mut self) -> Result<String, PatternError> {
        self.expect('"')?;
        let mut text = String::new();
        let mut characters = self.rest.char_indices();
        while let Some((index, character)) = characters.next() {
            match character {
                '"' => {
                    self.rest = &self.rest[index + 1..];
                    return Ok(text);
                }
                '\\' => text.extend(characters.next().map(|(_, escaped)| unescaped(escaped))),
                _ => text.push(character),
            }
        }
        Err(self.error("has no end"))
    }

    fn expect(&mut self, wanted: char) -> Result<(), PatternError> {
        if self.skip(wanted) { Ok(()) } else { Err(self.error("is not what belongs here")) }
    }

    fn skip(&mut self, wanted: char) -> bool {
        let rest = self.ahead().strip_prefix(wanted);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn peek(&mut self) -> Option<char> {
        self.ahead().chars().next()
    }

    /// What follows white space and comments.
    fn ahead(&mut self) -> &'text str {
        loop {
            self.rest = self.rest.trim_start();
            match self.rest.strip_prefix(';') {
                Some(comment) => self.rest = comment.split_once('\n').map_or("", |(_, rest)| rest),
                None => return self.rest,
            }
        }
    }

    fn error(&mut self, problem: &'static str) -> PatternError {
        let line = self.ahead().lines().next().unwrap_or("the end");
        PatternError { text: line.to_owned(), problem }
    }
}

fn unescaped(character: char) -> char {
    match character {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        '0' => '\0',
        other => other,
    }
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;

//! JSON as manifests are written: with comments and trailing commas, as `tsconfig.json` allows.

/// A value; numbers and words are not told apart, since no manifest's resolution needs them.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json {
    Word,
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Reads a value; `None` when it is broken beyond use.
    pub(super) fn parse(text: &str) -> Option<Self> {
        Reader { rest: text.trim_start_matches('\u{feff}') }.value(0)
    }

    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    pub(super) fn entries(&self) -> &[(String, Self)] {
        match self {
            Self::Object(entries) => entries,
            _ => &[],
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// All texts in it, in order.
    pub(super) fn texts(&self) -> Vec<&str> {
        match self {
            Self::Word => Vec::new(),
            Self::Text(text) => vec![text],
            Self::List(items) => items.iter().flat_map(Self::texts).collect(),
            Self::Object(entries) => entries.iter().flat_map(|(_, value)| value.texts()).collect(),
        }
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn skip(&mut self) {
        loop {
            self.rest = self.rest.trim_start();
            if self.rest.starts_with("//") {
                self.rest = self.rest.find('\n').map_or("", |end| &self.rest[end..]);
            } else if self.rest.starts_with("/*") {
                self.rest = self.rest.find("*/").map_or("", |end| &self.rest[end + 2..]);
            } else {
                return;
            }
        }
    }

    fn take(&mut self, sign: char) -> bool {
        self.skip();
        match self.rest.strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn value(&mut self, depth: u32) -> Option<Json> {
        self.skip();
        if depth > 64 {
            return None;
        }
        match self.rest.chars().next()? {
            '"' => self.string().map(Json::Text),
            '[' => self.array(depth),
            '{' => self.object(depth),
            _ => {
                let end = self.rest.find([',', ']', '}', ' ', '\n', '\r', '\t']);
                let end = end.unwrap_or(self.rest.len());
                self.rest = &self.rest[end..];
                (end > 0).then_some(Json::Word)
            }
        }
    }

    fn array(&mut self, depth: u32) -> Option<Json> {
        self.take('[');
        let mut items = Vec::new();
        while !self.take(']') {
            items.push(self.value(depth + 1)?);
            self.take(',');
        }
        Some(Json::List(items))
    }

    fn object(&mut self, depth: u32) -> Option<Json> {
        self.take('{');
        let mut entries = Vec::new();
        while !self.take('}') {
            let key = self.string()?;
            if !self.take(':') {
                return None;
            }
            entries.push((key, self.value(depth + 1)?));
            self.take(',');
        }
        Some(Json::Object(entries))
    }

    fn string(&mut self) -> Option<String> {
        self.skip();
        let mut text = String::new();
        let mut chars = self.rest.strip_prefix('"')?.char_indices();
        while let Some((at, letter)) = chars.next() {
            match letter {
                '"' => {
                    self.rest = &self.rest[at + 2..];
                    return Some(text);
                }
                '\\' => text.push(chars.next()?.1),
                _ => text.push(letter),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::Json;

    #[test]
    fn comments_and_trailing_commas_are_read() {
        let json = Json::parse("{ // one\n \"a\": [1, \"b\",], /* two */ \"c\": {\"d\": true,}, }");
        let json = json.expect("it is well formed");
        assert_eq!(json.get("a").map(Json::texts), Some(vec!["b"]));
        assert_eq!(json.get("c").and_then(|c| c.get("d")), Some(&Json::Word));
        assert_eq!(Json::parse("{\"a\""), None);
    }
}

//! PackStream, the binary form of values in Bolt's messages.
//!
//! Reading trusts nothing: lengths are checked against what is there, and nesting is limited.

/// Deepest nesting that is read. Databases answer us with maps in structures.
const MAX_DEPTH: u32 = 32;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Null,
    Boolean(bool),
    Integer(i64),
    Float(f64),
    Bytes(Vec<u8>),
    Text(String),
    List(Vec<Self>),
    Map(Vec<(String, Self)>),
    Structure(u8, Vec<Self>),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl Value {
    /// A map from pairs.
    pub(super) fn map<'a>(pairs: impl IntoIterator<Item = (&'a str, Self)>) -> Self {
        Self::Map(pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// The value called `name`, if this is a map that has one.
    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Map(pairs) => pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The text called `name`, empty when there is none.
    pub(super) fn text(&self, name: &str) -> &str {
        match self.get(name) {
            Some(Self::Text(text)) => text,
            _ => "",
        }
    }

    /// Appends the bytes of the value.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Null => out.push(0xc0),
            Self::Boolean(false) => out.push(0xc2),
            Self::Boolean(true) => out.push(0xc3),
            Self::Integer(number) => write_integer(*number, out),
            Self::Float(number) => {
                out.push(0xc1);
                out.extend(number.to_be_bytes());
            }
            Self::Bytes(bytes) => {
                write_size(bytes.len(), &Sizes { tiny: None, wide: [0xcc, 0xcd, 0xce] }, out);
                out.extend(bytes);
            }
            Self::Text(text) => write_text(text, out),
            Self::List(items) => {
                write_size(items.len(), &Sizes { tiny: Some(0x90), wide: [0xd4, 0xd5, 0xd6] }, out);
                items.iter().for_each(|item| item.write(out));
            }
            Self::Map(pairs) => {
                write_size(pairs.len(), &Sizes { tiny: Some(0xa0), wide: [0xd8, 0xd9, 0xda] }, out);
                for (name, value) in pairs {
                    write_text(name, out);
                    value.write(out);
                }
            }
            Self::Structure(tag, fields) => {
                debug_assert!(fields.len() < 16, "a structure has at most 15 fields");
                out.push(0xb0 | fields.len() as u8);
                out.push(*tag);
                fields.iter().for_each(|field| field.write(out));
            }
        }
    }

    /// Reads one value, which must be all of `bytes`; `None` for anything else.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let mut input = Input(bytes);
        let value = input.value(0)?;
        input.0.is_empty().then_some(value)
    }
}

/// The smallest form that holds the number, as the specification asks for.
fn write_integer(number: i64, out: &mut Vec<u8>) {
    if let (-16..=127, Ok(small)) = (number, i8::try_from(number)) {
        out.extend(small.to_be_bytes());
    } else if let Ok(number) = i8::try_from(number) {
        out.push(0xc8);
        out.extend(number.to_be_bytes());
    } else if let Ok(number) = i16::try_from(number) {
        out.push(0xc9);
        out.extend(number.to_be_bytes());
    } else if let Ok(number) = i32::try_from(number) {
        out.push(0xca);
        out.extend(number.to_be_bytes());
    } else {
        out.push(0xcb);
        out.extend(number.to_be_bytes());
    }
}

fn write_text(text: &str, out: &mut Vec<u8>) {
    write_size(text.len(), &Sizes { tiny: Some(0x80), wide: [0xd0, 0xd1, 0xd2] }, out);
    out.extend(text.as_bytes());
}

/// The markers of a kind of value: with the size in the low half, in 1, 2 and 4 bytes.
struct Sizes {
    tiny: Option<u8>,
    wide: [u8; 3],
}

fn write_size(size: usize, sizes: &Sizes, out: &mut Vec<u8>) {
    match (sizes.tiny, size) {
        (Some(marker), 0..=15) => out.push(marker | size as u8),
        (_, 0..=0xff) => out.extend([sizes.wide[0], size as u8]),
        (_, 0x100..=0xffff) => {
            out.push(sizes.wide[1]);
            out.extend((size as u16).to_be_bytes());
        }
        (_, _) => {
            out.push(sizes.wide[2]);
            out.extend((size as u32).to_be_bytes());
        }
    }
}

struct Input<'a>(&'a [u8]);

impl Input<'_> {
    fn value(&mut self, depth: u32) -> Option<Value> {
        if depth == MAX_DEPTH {
            return None;
        }
        let marker = self.size(1)? as u8;
        let low = usize::from(marker & 0x0f);
        Some(match marker {
            0x00..=0x7f | 0xf0..=0xff => Value::Integer((marker as i8).into()),
            0x80..=0x8f => Value::Text(self.string(low)?),
            0x90..=0x9f => self.list(low, depth)?,
            0xa0..=0xaf => self.pairs(low, depth)?,
            0xb0..=0xbf => {
                let tag = self.size(1)? as u8;
                Value::Structure(tag, self.values(low, depth)?)
            }
            0xc0 => Value::Null,
            0xc1 => Value::Float(f64::from_be_bytes(self.array()?)),
            0xc2 => Value::Boolean(false),
            0xc3 => Value::Boolean(true),
            0xc8 => Value::Integer(i8::from_be_bytes(self.array()?).into()),
            0xc9 => Value::Integer(i16::from_be_bytes(self.array()?).into()),
            0xca => Value::Integer(i32::from_be_bytes(self.array()?).into()),
            0xcb => Value::Integer(i64::from_be_bytes(self.array()?)),
            0xcc..=0xce => {
                let size = self.size(1 << (marker - 0xcc))?;
                Value::Bytes(self.take(size)?.to_vec())
            }
            0xd0..=0xd2 => {
                let size = self.size(1 << (marker - 0xd0))?;
                Value::Text(self.string(size)?)
            }
            0xd4..=0xd6 => {
                let size = self.size(1 << (marker - 0xd4))?;
                self.list(size, depth)?
            }
            0xd8..=0xda => {
                let size = self.size(1 << (marker - 0xd8))?;
                self.pairs(size, depth)?
            }
            0xc4..=0xc7 | 0xcf | 0xd3 | 0xd7 | 0xdb..=0xef => return None,
        })
    }

    fn list(&mut self, size: usize, depth: u32) -> Option<Value> {
        Some(Value::List(self.values(size, depth)?))
    }

    fn values(&mut self, size: usize, depth: u32) -> Option<Vec<Value>> {
        // Every value takes a byte at least: a size beyond that is a lie.
        if size > self.0.len() {
            return None;
        }
        (0..size).map(|_| self.value(depth + 1)).collect()
    }

    fn pairs(&mut self, size: usize, depth: u32) -> Option<Value> {
        if size > self.0.len() {
            return None;
        }
        let pair = |_| match self.value(depth + 1)? {
            Value::Text(name) => Some((name, self.value(depth + 1)?)),
            _ => None,
        };
        Some(Value::Map((0..size).map(pair).collect::<Option<_>>()?))
    }

    fn string(&mut self, size: usize) -> Option<String> {
        String::from_utf8(self.take(size)?.to_vec()).ok()
    }

    /// A number without sign of so many bytes.
    fn size(&mut self, bytes: usize) -> Option<usize> {
        Some(self.take(bytes)?.iter().fold(0, |size, byte| size << 8 | usize::from(*byte)))
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn take(&mut self, count: usize) -> Option<&[u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::Value;

    fn bytes(hex: &str) -> Vec<u8> {
        hex.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect()
    }

    /// The value has these bytes, and the bytes this value.
    #[track_caller]
    fn check(value: Value, hex: &str) {
        let mut written = Vec::new();
        value.write(&mut written);
        assert_eq!(written, bytes(hex));
        assert_eq!(Value::read(&written), Some(value));
    }

    // The examples of the specification of PackStream, version 1.
    #[test]
    fn scalars_are_written_as_the_specification_shows() {
        check(Value::Null, "c0");
        check(Value::Boolean(true), "c3");
        check(Value::Boolean(false), "c2");
        check(Value::Float(1.23), "c1 3f f3 ae 14 7a e1 47 ae");
        check(Value::Bytes(vec![1, 2, 3]), "cc 03 01 02 03");
    }

    #[test]
    fn integers_take_the_fewest_bytes() {
        check(Value::Integer(1), "01");
        check(Value::Integer(42), "2a");
        check(Value::Integer(127), "7f");
        check(Value::Integer(-16), "f0");
        check(Value::Integer(-17), "c8 ef");
        check(Value::Integer(-128), "c8 80");
        check(Value::Integer(128), "c9 00 80");
        check(Value::Integer(1234), "c9 04 d2");
        check(Value::Integer(-129), "c9 ff 7f");
        check(Value::Integer(32_768), "ca 00 00 80 00");
        check(Value::Integer(i64::MIN), "cb 80 00 00 00 00 00 00 00");
        check(Value::Integer(i64::MAX), "cb 7f ff ff ff ff ff ff ff");
    }

    #[test]
    fn texts_count_bytes() {
        check("".into(), "80");
        check("A".into(), "81 41");
        check(
            "Größenmaßstäbe".into(),
            "d0 12 47 72 c3 b6 c3 9f 65 6e 6d 61 c3 9f 73 74 c3 a4 62 65",
        );
        check(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZ".into(),
            "d0 1a 41 42 43 44 45 46 47 48 49 4a 4b 4c 4d 4e 4f 50 51 52 53 54 55 56 57 58 59 5a",
        );
    }

    #[test]
    fn containers_are_written_as_the_specification_shows() {
        check(Value::List(Vec::new()), "90");
        let mixed = [Value::Integer(1), Value::Float(2.0), "three".into()];
        check(Value::List(mixed.into()), "93 01 c1 40 00 00 00 00 00 00 00 85 74 68 72 65 65");
        check(Value::Map(Vec::new()), "a0");
        check(Value::map([("one", "eins".into())]), "a1 83 6f 6e 65 84 65 69 6e 73");
        check(
            Value::Structure(0x4e, vec![Value::Integer(3), Value::List(vec!["A".into()])]),
            "b2 4e 03 91 81 41",
        );
    }

    #[test]
    fn sizes_beyond_a_byte_are_read_back() {
        for size in [15, 16, 255, 256, 65_535, 65_536] {
            for value in [
                Value::Text("x".repeat(size)),
                Value::List(vec![Value::Null; size]),
                Value::Map(vec![(String::new(), Value::Integer(7)); size]),
                Value::Bytes(vec![9; size]),
            ] {
                let mut written = Vec::new();
                value.write(&mut written);
                assert_eq!(Value::read(&written), Some(value));
            }
        }
    }

    #[test]
    fn what_is_no_value_is_refused() {
        for hex in ["", "c4", "d0", "d0 05 41", "81 ff", "d6 ff ff ff ff 01", "a1 01 01", "01 01"] {
            assert_eq!(Value::read(&bytes(hex)), None, "{hex}");
        }
        assert_eq!(Value::read(&[0x91; 100_000]), None, "nested without end");
    }
}

//! The text of a file apart from how it is written: its encoding, its byte order mark and the
//! ends of its lines.
//!
//! Edits are made on text whose lines end in `\n` alone. Every line that is not touched gets its
//! own end back, so that a file of mixed ends keeps its mixture.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::refusal::Reason;

/// A decoded file.
#[derive(Clone, Debug)]
pub(crate) struct SourceText {
    /// Its text with `\n` at the end of each line and no mark.
    pub(crate) text: String,
    /// Whether the line feed of each line has a `\r` before it.
    ends: Vec<bool>,
    /// Where each line starts in `text`.
    starts: Vec<usize>,
    encoding: &'static Encoding,
    has_mark: bool,
}

/// A piece of text and what comes in its place, in offsets of [`SourceText::text`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Splice {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) new: String,
}

/// How many leading bytes the guess at an encoding looks at, as the indexer does.
const GUESS_PREFIX: usize = 64 << 10;

impl SourceText {
    /// Decodes a file, if it can be written back byte for byte.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, Reason> {
        let (encoding, mark) = match Encoding::for_bom(bytes) {
            Some(marked) => marked,
            None => (encoding_of(bytes)?, 0),
        };
        let (decoded, is_malformed) = encoding.decode_without_bom_handling(&bytes[mark..]);
        if decoded.contains('\0') {
            return Err(Reason::NotText);
        }
        let text = Self::split(&decoded, encoding, mark > 0);
        if is_malformed || text.encode(&text.text, &text.ends)? != bytes {
            return Err(Reason::Encoding(encoding.name().to_owned()));
        }
        Ok(text)
    }

    /// The text of a file that is made anew: UTF-8, lines ended as in `content`.
    pub(crate) fn of_new(content: &str) -> Self {
        let (content, has_mark) = match content.strip_prefix('\u{feff}') {
            Some(rest) => (rest, true),
            None => (content, false),
        };
        Self::split(content, UTF_8, has_mark)
    }

    fn split(decoded: &str, encoding: &'static Encoding, has_mark: bool) -> Self {
        let mut text = String::with_capacity(decoded.len());
        let (mut ends, mut starts) = (Vec::new(), vec![0]);
        for line in decoded.split_inclusive('\n') {
            let Some(line) = line.strip_suffix('\n') else {
                text.push_str(line);
                break;
            };
            let bare = line.strip_suffix('\r');
            text.push_str(bare.unwrap_or(line));
            text.push('\n');
            ends.push(bare.is_some());
            starts.push(text.len());
        }
        Self { text, ends, starts, encoding, has_mark }
    }

    /// The lines of the text, without line feeds.
    pub(crate) fn lines(&self) -> Vec<&str> {
        self.text.lines().collect()
    }

    /// Where line `index` starts; the end of the text for lines behind the last.
    pub(crate) fn start_of(&self, index: usize) -> usize {
        self.starts.get(index).copied().unwrap_or(self.text.len())
    }

    /// The index of the line that holds `offset`.
    pub(crate) fn line_at(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset) - 1
    }

    /// The offset in `text` of an offset in the text with the ends it has in the file.
    pub(crate) fn offset_of_decoded(&self, decoded: usize) -> Option<usize> {
        if !self.ends.contains(&true) {
            let is_place = decoded <= self.text.len() && self.text.is_char_boundary(decoded);
            return is_place.then_some(decoded);
        }
        let before = |line: usize| self.ends[..line].iter().filter(|end| **end).count();
        let mut low = 0;
        let mut high = self.starts.len();
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if self.starts[middle] + before(middle) <= decoded {
                low = middle
            } else {
                high = middle
            }
        }
        let offset = decoded - before(low);
        let end = self.starts.get(low + 1).map_or(self.text.len(), |next| next - 1);
        // Between `\r` and `\n` is no place of the text.
        (offset <= end && self.text.is_char_boundary(offset)).then_some(offset)
    }

    /// The file with `splices`, which are in order and do not overlap, and its new text.
    pub(crate) fn spliced(&self, splices: &[Splice]) -> Result<(String, Vec<u8>), Reason> {
        let mut text = String::with_capacity(self.text.len());
        let mut ends = Vec::with_capacity(self.ends.len());
        let mut from = 0;
        for splice in splices {
            text.push_str(&self.text[from..splice.start]);
            ends.extend_from_slice(self.ends_between(from, splice.start));
            text.push_str(&splice.new);
            ends.extend(self.ends_for(splice));
            from = splice.end;
        }
        text.push_str(&self.text[from..]);
        ends.extend_from_slice(self.ends_between(from, self.text.len()));
        let bytes = self.encode(&text, &ends)?;
        Ok((text, bytes))
    }

    fn ends_between(&self, start: usize, end: usize) -> &[bool] {
        let line = |offset: usize| self.starts.partition_point(|start| *start <= offset) - 1;
        &self.ends[line(start)..line(end)]
    }

    /// The ends of the new lines: of a line that stays its own, of others that of the line before.
    fn ends_for(&self, splice: &Splice) -> Vec<bool> {
        let replaced = self.ends_between(splice.start, splice.end);
        let count = splice.new.matches('\n').count();
        let first = self.line_at(splice.start);
        let neighbour = || first.checked_sub(1).and_then(|line| self.ends.get(line));
        let usual = neighbour().or_else(|| self.ends.first()).copied().unwrap_or(false);
        if replaced.iter().chain(&self.ends).all(|end| *end == usual) {
            return vec![usual; count];
        }
        let old: Vec<&str> = self.text[splice.start..splice.end].split('\n').collect();
        let new: Vec<&str> = splice.new.split('\n').collect();
        let mut ends: Vec<Option<bool>> = vec![None; count];
        for op in capture_diff_slices(Algorithm::Myers, &old, &new) {
            if let DiffOp::Equal { old_index, new_index, len } = op {
                for step in 0..len {
                    if let Some(end) = ends.get_mut(new_index + step) {
                        *end = replaced.get(old_index + step).copied();
                    }
                }
            }
        }
        let mut last = replaced.first().copied().unwrap_or(usual);
        ends.into_iter()
            .map(|end| {
                last = end.unwrap_or(last);
                last
            })
            .collect()
    }

    /// The bytes of a text whose lines end as `ends` says.
    fn encode(&self, text: &str, ends: &[bool]) -> Result<Vec<u8>, Reason> {
        let mut whole = String::with_capacity(text.len() + ends.len() + 3);
        if self.has_mark {
            whole.push('\u{feff}');
        }
        for (index, line) in text.split('\n').enumerate() {
            if index > 0 {
                whole.push_str(if ends.get(index - 1) == Some(&true) { "\r\n" } else { "\n" });
            }
            whole.push_str(line);
        }
        if self.encoding == UTF_8 {
            return Ok(whole.into_bytes());
        }
        if self.encoding == UTF_16LE || self.encoding == UTF_16BE {
            let order = if self.encoding == UTF_16LE { u16::to_le_bytes } else { u16::to_be_bytes };
            return Ok(whole.encode_utf16().flat_map(order).collect());
        }
        let (bytes, _, has_unmapped) = self.encoding.encode(&whole);
        if !has_unmapped {
            return Ok(bytes.into_owned());
        }
        let is_lost = |letter: &char| self.encoding.encode(letter.encode_utf8(&mut [0; 4])).2;
        let character = whole.chars().find(is_lost).unwrap_or(char::REPLACEMENT_CHARACTER);
        Err(Reason::Unencodable { character, encoding: self.encoding.name().to_owned() })
    }

    /// The ends of `new` as the whole content of this file: its mark, encoding, ends of lines, and
    /// whether its last line ends, stay.
    pub(crate) fn rewritten(&self, new: &str) -> Result<(String, Vec<u8>), Reason> {
        let new = new.strip_prefix('\u{feff}').unwrap_or(new);
        let mut new = new.replace("\r\n", "\n");
        if !self.text.is_empty()
            && !new.is_empty()
            && self.text.ends_with('\n') != new.ends_with('\n')
        {
            match new.strip_suffix('\n') {
                Some(shorter) => new.truncate(shorter.len()),
                None => new.push('\n'),
            }
        }
        self.spliced(&[Splice { start: 0, end: self.text.len(), new }])
    }

    /// The bytes of the text as it is.
    pub(crate) fn bytes(&self) -> Result<Vec<u8>, Reason> {
        self.encode(&self.text, &self.ends)
    }
}

/// The encoding of a file without a mark.
fn encoding_of(bytes: &[u8]) -> Result<&'static Encoding, Reason> {
    if std::str::from_utf8(bytes).is_ok() {
        return Ok(UTF_8);
    }
    let prefix = &bytes[..bytes.len().min(GUESS_PREFIX)];
    let is_control = |byte: &&u8| matches!(byte, 0x01..=0x08 | 0x0E..=0x1A | 0x1C..=0x1F);
    let controls = prefix.iter().filter(is_control).count();
    if bytes.contains(&0) || controls * 20 > prefix.len() {
        return Err(Reason::NotText);
    }
    // A few broken bytes in UTF-8 are no other encoding, and cannot be written back as text.
    let lossy = String::from_utf8_lossy(bytes);
    let broken = lossy.matches(char::REPLACEMENT_CHARACTER).count();
    let others = lossy.chars().filter(|letter| !letter.is_ascii()).count() - broken;
    if others > broken {
        return Err(Reason::Encoding("broken UTF-8".to_owned()));
    }
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    detector.feed(prefix, bytes.len() <= GUESS_PREFIX);
    Ok(detector.guess(None, chardetng::Utf8Detection::Deny))
}

#[cfg(test)]
mod tests {
    use super::{SourceText, Splice};

    #[track_caller]
    fn check(before: &[u8], old: &str, new: &str, after: &[u8]) {
        let text = SourceText::decode(before).unwrap();
        let start = text.text.find(old).unwrap();
        let splice = Splice { start, end: start + old.len(), new: new.to_owned() };
        let (_, bytes) = text.spliced(&[splice]).unwrap();
        assert_eq!(String::from_utf8_lossy(&bytes), String::from_utf8_lossy(after));
        assert_eq!(bytes, after);
    }

    #[test]
    fn a_file_keeps_its_mark_and_the_ends_of_its_lines() {
        check(b"\xEF\xBB\xBFa\r\nb\r\n", "b\n", "c\nd\n", b"\xEF\xBB\xBFa\r\nc\r\nd\r\n");
        check(b"a\nb", "b", "c", b"a\nc");
    }

    #[test]
    fn mixed_ends_stay_line_by_line() {
        check(b"a\r\nb\nc\r\nd\n", "b\nc\nd\n", "b\nx\nc\nd\n", b"a\r\nb\nx\nc\r\nd\n");
        check(b"a\nb\r\nc\n", "b\n", "b\nx\n", b"a\nb\r\nx\r\nc\n");
    }

    #[test]
    fn latin_1_is_written_back_and_refuses_what_it_lacks() {
        let text = b"// gr\xF6\xDFer als der gro\xDFe Stra\xDFenbahn f\xFCr\nx\n";
        check(text, "x", "ö", b"// gr\xF6\xDFer als der gro\xDFe Stra\xDFenbahn f\xFCr\n\xF6\n");
        let text = SourceText::decode(text).unwrap();
        let splice = Splice { start: 0, end: 0, new: "漢".to_owned() };
        assert_eq!(text.spliced(&[splice]).unwrap_err().name(), "unencodable");
    }

    #[test]
    fn utf_16_is_written_back() {
        let bytes = |text: &str| {
            let mut bytes = vec![0xFF, 0xFE];
            bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
            bytes
        };
        check(&bytes("a\r\nb\r\n"), "b", "ü\nc", &bytes("a\r\nü\r\nc\r\n"));
    }

    #[test]
    fn what_is_no_text_or_not_whole_is_refused() {
        let name = |bytes: &[u8]| SourceText::decode(bytes).unwrap_err().name();
        assert_eq!(name(b"\x7fELF\0\0"), "not-text");
        assert_eq!(name("größer žluť \u{0}".as_bytes()), "not-text");
        assert_eq!(name(&["größer žluť ".as_bytes(), b"\xFF"].concat()), "encoding");
    }

    #[test]
    fn offsets_of_the_file_become_offsets_of_the_text() {
        let text = SourceText::decode(b"ab\r\ncd\r\n").unwrap();
        let offsets: Vec<_> = (0..=8).map(|at| text.offset_of_decoded(at)).collect();
        let expected = [Some(0), Some(1), Some(2), None, Some(3), Some(4), Some(5), None, Some(6)];
        assert_eq!(offsets, expected);
    }

    #[test]
    fn a_rewrite_keeps_mark_ends_and_the_last_line() {
        let rewritten = |before: &[u8], new: &str| {
            SourceText::decode(before).unwrap().rewritten(new).unwrap().1
        };
        assert_eq!(rewritten(b"\xEF\xBB\xBFa\r\nb\r\n", "b\nc"), b"\xEF\xBB\xBFb\r\nc\r\n");
        assert_eq!(rewritten(b"a\nb", "c\n"), b"c");
    }
}

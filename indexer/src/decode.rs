//! Decoding: bytes to text, whatever their encoding.
//!
//! UTF-8 is taken as it is. A byte order mark decides for UTF-16; without one, zero bytes in
//! every other place do. What remains is guessed from its letters (chardetng, the detector of
//! Firefox), and never dropped: line numbers hold in every encoding.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};
use flux_core::SkipReason;

/// How many leading bytes are searched for a zero byte, as ripgrep does with its first buffer.
const BINARY_PREFIX: usize = 64 << 10;
/// How many bytes the guess may look at.
const GUESS_PREFIX: usize = 64 << 10;

/// Decodes the content of a file. An `Err` says why it is no text.
pub fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, SkipReason> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let (text, malformed) = encoding.decode_without_bom_handling(&bytes[mark..]);
        return if malformed && text.contains('\0') { Err(SkipReason::Binary) } else { Ok(text) };
    }
    let prefix = &bytes[..bytes.len().min(BINARY_PREFIX)];
    if prefix.contains(&0) {
        return utf_16_without_mark(bytes).ok_or_else(|| reason_of_zeros(prefix));
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Cow::Borrowed(text)),
        // Without a zero byte it is text to ripgrep, so literal search must still read it.
        Err(_) if looks_binary(prefix) => Err(SkipReason::Undecodable),
        Err(_) => Ok(guess(bytes)),
    }
}

/// The same for content that nobody needs afterwards: UTF-8 is not copied.
pub fn decode_owned(bytes: Vec<u8>) -> Result<String, SkipReason> {
    let is_marked = Encoding::for_bom(&bytes).is_some();
    if is_marked || bytes[..bytes.len().min(BINARY_PREFIX)].contains(&0) {
        return decode(&bytes).map(Cow::into_owned);
    }
    String::from_utf8(bytes).or_else(|error| decode(error.as_bytes()).map(Cow::into_owned))
}

fn guess(bytes: &[u8]) -> Cow<'_, str> {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(&bytes[..bytes.len().min(GUESS_PREFIX)], bytes.len() <= GUESS_PREFIX);
    // UTF-8 with a few broken bytes is more likely than a legacy encoding of valid sequences.
    let lossy = String::from_utf8_lossy(bytes);
    let broken = lossy.matches(char::REPLACEMENT_CHARACTER).count();
    let multibyte = lossy.chars().filter(|c| !c.is_ascii()).count() - broken;
    if multibyte > broken {
        return lossy;
    }
    let encoding = detector.guess(None, Utf8Detection::Deny);
    encoding.decode_without_bom_handling(bytes).0
}

/// Why a file with a zero byte among its first is left out.
///
/// Ripgrep gives up at the zero byte, but reads three bytes ahead of the rest to look for a mark:
/// a line that ends within them is searched, so literal search has to read such a file.
pub(crate) fn reason_of_zeros(prefix: &[u8]) -> SkipReason {
    let ahead = &prefix[..prefix.len().min(3)];
    let is_searched = ahead.contains(&b'\n') && !ahead.contains(&0);
    if is_searched { SkipReason::Undecodable } else { SkipReason::Binary }
}

/// Text in a legacy encoding has few control characters; data has many.
fn looks_binary(prefix: &[u8]) -> bool {
    let controls =
        prefix.iter().filter(|b| matches!(b, 0x01..=0x08 | 0x0E..=0x1A | 0x1C..=0x1F)).count();
    controls * 20 > prefix.len()
}

fn utf_16_without_mark(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let sample = &bytes[..bytes.len().min(4096) & !1];
    let zeros = |odd: usize| sample.iter().skip(odd).step_by(2).filter(|b| **b == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let half = sample.len() / 2;
    let encoding = match () {
        () if half >= 8 && odd * 10 >= half * 6 && even * 50 <= half => UTF_16LE,
        () if half >= 8 && even * 10 >= half * 6 && odd * 50 <= half => UTF_16BE,
        () => return None,
    };
    let (text, malformed) = encoding.decode_without_bom_handling(bytes);
    (!malformed && !text.contains('\0')).then_some(text)
}

#[cfg(test)]
mod tests {
    use flux_core::SkipReason;

    use super::{decode, decode_owned};

    #[track_caller]
    fn check(bytes: &[u8], expected: Result<&str, SkipReason>) {
        assert_eq!(decode(bytes).as_deref().map_err(|reason| *reason), expected);
        assert_eq!(decode_owned(bytes.to_vec()).as_deref().map_err(|reason| *reason), expected);
    }

    fn utf_16(text: &str, order: impl Fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(order).collect()
    }

    #[test]
    fn utf_16_is_transcoded_with_and_without_a_mark() {
        let text = "fn main() { žluť }\n";
        let marked = [&[0xFF, 0xFE], &*utf_16(text, u16::to_le_bytes)].concat();
        check(&marked, Ok(text));
        check(&utf_16(text, u16::to_le_bytes), Ok(text));
        check(&utf_16(text, u16::to_be_bytes), Ok(text));
    }

    #[test]
    fn a_utf_8_mark_is_no_part_of_the_text() {
        check(b"\xEF\xBB\xBFint x;", Ok("int x;"));
    }

    #[test]
    fn latin_1_and_shift_jis_are_guessed() {
        check(
            b"// gr\xF6\xDFer als der gro\xDFe Stra\xDFenbahn f\xFCr",
            Ok("// größer als der große Straßenbahn für"),
        );
        let japanese = "// 設定ファイルを読み込む関数です。ここで解析します";
        let (bytes, _, _) = encoding_rs::SHIFT_JIS.encode(japanese);
        check(&bytes, Ok(japanese));
    }

    #[test]
    fn zero_bytes_and_control_bytes_are_no_text() {
        check(b"\x7fELF\0\0\x01\x02", Err(SkipReason::Binary));
        check(b"0\n1\n\0", Err(SkipReason::Undecodable));
        check(b"0\n\0\n", Err(SkipReason::Binary));
        check(&[0x01, 0x02, 0x80, 0x81, 0xfe, 0x03], Err(SkipReason::Undecodable));
    }

    #[test]
    fn one_broken_byte_does_not_turn_utf_8_into_latin_1() {
        let text = decode("größer žluť".as_bytes()).map(|t| t.into_owned());
        assert_eq!(text.as_deref(), Ok("größer žluť"));
        let broken = ["größer žluť ".as_bytes(), b"\xFF"].concat();
        assert_eq!(decode(&broken).as_deref(), Ok("größer žluť \u{FFFD}"));
    }
}

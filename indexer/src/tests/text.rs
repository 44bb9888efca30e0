//! Decoding, lines and classes at their edges.

use flux_core::{LineSpan, RepoPath, SkipReason};
use flux_grammars::Category;
use proptest::prelude::*;

use crate::classify::{MAX_DATA_BYTES, MAX_SOURCE_BYTES, class_of_path, is_generated, skip_text};
use crate::decode::decode;
use crate::lines::Lines;

#[track_caller]
fn check_text(bytes: &[u8], expected: Result<&str, SkipReason>) {
    assert_eq!(decode(bytes).as_deref().map_err(|reason| *reason), expected);
}

#[test]
fn nothing_and_marks_alone_are_empty_texts() {
    check_text(b"", Ok(""));
    check_text(b"\xEF\xBB\xBF", Ok(""));
    check_text(b"\xFF\xFE", Ok(""));
    check_text(b"\xFE\xFF", Ok(""));
}

#[test]
fn a_few_control_characters_do_not_make_a_text_binary() {
    check_text(
        b"a page\x0Cbreak and an \x1B[1mescape\x1B[0m\n",
        Ok("a page\u{c}break and an \u{1b}[1mescape\u{1b}[0m\n"),
    );
}

#[test]
fn a_zero_byte_counts_only_at_the_beginning() {
    let mut text = "a line\n".repeat(10_000).into_bytes();
    text.push(0);
    assert!(decode(&text).is_ok(), "ripgrep too looks at its first buffer only");
    text[1000] = 0;
    assert_eq!(decode(&text), Err(SkipReason::Binary));
}

#[test]
fn an_odd_byte_at_the_end_of_utf_16_is_no_reason_to_lose_the_rest() {
    let mut bytes = vec![0xFF, 0xFE];
    bytes.extend("fn main() {}".encode_utf16().flat_map(u16::to_le_bytes));
    bytes.push(b'x');
    assert!(decode(&bytes).unwrap().starts_with("fn main() {}"));
}

#[test]
fn line_numbers_hold_in_a_guessed_encoding() {
    let bytes = b"// caf\xE9\nfn a() {}\n// na\xEFve\n";
    assert_eq!(decode(bytes).unwrap().lines().count(), 3);
}

#[test]
fn sizes_beyond_the_limit_are_skipped_by_category() {
    let path = RepoPath::new("a.txt");
    let lines = |bytes: u64| "words of a line\n".repeat(bytes as usize / 16);
    let data = lines(MAX_DATA_BYTES);
    assert_eq!(skip_text(&path, &data, Category::Data), None);
    let data = data + "x";
    assert_eq!(skip_text(&path, &data, Category::Data), Some(SkipReason::Oversized));
    assert_eq!(skip_text(&path, &data, Category::Code), None);
    let code = lines(MAX_SOURCE_BYTES) + "x";
    assert_eq!(skip_text(&path, &code, Category::Code), Some(SkipReason::Oversized));
    assert_eq!(skip_text(&path, &code, Category::Document), Some(SkipReason::Oversized));
}

#[test]
fn a_name_can_say_that_a_text_is_minified_unless_it_is_tiny() {
    let path = RepoPath::new("lib/jquery.min.js");
    let lines = "let a = 1;\n".repeat(200);
    assert_eq!(skip_text(&path, &lines, Category::Code), Some(SkipReason::Minified));
    assert_eq!(skip_text(&path, "let a = 1;\n", Category::Code), None);
    let one_long_line = "x".repeat(20_001);
    let path = RepoPath::new("notes.md");
    assert_eq!(skip_text(&path, &one_long_line, Category::Document), Some(SkipReason::Minified));
}

#[track_caller]
fn check_class(path: &str, category: Option<Category>, expected: &[&str]) {
    let class = class_of_path(&RepoPath::new(path), category, false);
    assert_eq!(class.names().collect::<Vec<_>>(), expected, "{path}");
}

#[test]
fn classes_do_not_depend_on_letter_case_and_need_whole_folder_names() {
    check_class("Tests/A.cs", Some(Category::Code), &["test"]);
    check_class("Vendor/a.go", Some(Category::Code), &["vendored"]);
    check_class("src/testsupport/a.rs", Some(Category::Code), &[]);
    check_class("src/tests", Some(Category::Code), &[]);
    check_class("vendor_list/a.py", Some(Category::Code), &[]);
    check_class("api/v1/user.pb.go", Some(Category::Code), &["generated"]);
}

#[test]
fn prose_is_known_by_category_ending_or_name() {
    check_class("guide/start.md", Some(Category::Document), &["document"]);
    check_class("guide/start.rst", None, &["document"]);
    check_class("robots.txt", None, &["document"]);
    check_class("COPYING", None, &["document"]);
    check_class("Makefile", None, &[]);
}

#[test]
fn a_note_that_ends_inside_a_character_is_no_trouble() {
    let text = format!("{}é", "x".repeat(1499));
    assert!(!is_generated(&text));
    let late = format!("{}@generated", "x\n".repeat(1000));
    assert!(!is_generated(&late), "only the beginning speaks for the whole");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_bytes_are_decoded_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(text) = decode(&bytes) {
            is_generated(&text);
            skip_text(&RepoPath::new("a.js"), &text, Category::Code);
        }
    }

    #[test]
    fn utf_8_without_zeros_or_marks_is_taken_as_it_is(text in "[^\0\u{feff}]{0,80}") {
        let text = text.as_str();
        let decoded = decode(text.as_bytes());
        prop_assert_eq!(decoded.as_deref(), Ok(text));
    }

    #[test]
    fn lines_agree_with_splitting_at_line_feeds(text in "[ab\r\nž]{0,60}") {
        let lines = Lines::of(&text);
        let split: Vec<&str> = text.split_inclusive('\n').collect();
        prop_assert_eq!(lines.count() as usize, split.len().max(1));
        let mut start = 0;
        for (number, line) in (1..).zip(&split) {
            prop_assert_eq!(lines.start_of(number), start);
            prop_assert_eq!(lines.bytes(LineSpan::new(number, number)) as usize, line.len());
            for offset in start..start + line.len() as u32 {
                prop_assert_eq!(lines.line_of(offset), number);
            }
            start += line.len() as u32;
        }
        prop_assert_eq!(lines.start_of(lines.count() + 1), text.len() as u32);
    }
}

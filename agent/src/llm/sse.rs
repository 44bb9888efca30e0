//! Server-sent events from a stream of bytes.
//!
//! Bytes are kept until an event is whole, so that a character cut between two packets is none of
//! ours to mend. Lines may end in LF, CRLF or CR; comments and unknown fields are passed over.

/// One event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// Its name; empty if it has none.
    pub name: String,
    /// Its data, lines joined by line feeds.
    pub data: String,
}

/// Collects bytes into events.
#[derive(Debug, Default)]
pub struct SseDecoder {
    line: Vec<u8>,
    event: Event,
    has_data: bool,
    was_return: bool,
    is_begun: bool,
}

/// Bytes of one line, at most: no service sends more in one event.
const LONGEST_LINE: usize = 64 << 20;

/// A stream that is none of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SseError {
    /// A line is not UTF-8.
    #[error("an event is not UTF-8")]
    NotUtf8,
    /// A line does not end.
    #[error("an event does not end")]
    TooLong,
}

impl SseDecoder {
    /// Takes the next bytes, and gives the events they complete.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<Event>, SseError> {
        let mut events = Vec::new();
        for byte in bytes {
            let was_return = std::mem::replace(&mut self.was_return, *byte == b'\r');
            match byte {
                b'\n' if was_return => {}
                b'\n' | b'\r' => events.extend(self.end_line()?),
                _ if self.line.len() >= LONGEST_LINE => return Err(SseError::TooLong),
                _ => self.line.push(*byte),
            }
        }
        Ok(events)
    }

    fn end_line(&mut self) -> Result<Option<Event>, SseError> {
        let line = std::mem::take(&mut self.line);
        let line = std::str::from_utf8(&line).map_err(|_| SseError::NotUtf8)?;
        let line = match std::mem::replace(&mut self.is_begun, true) {
            true => line,
            false => line.strip_prefix('\u{feff}').unwrap_or(line),
        };
        if line.is_empty() {
            let event = std::mem::take(&mut self.event);
            return Ok(std::mem::take(&mut self.has_data).then_some(event));
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.event.name),
            "data" => {
                if self.has_data {
                    self.event.data.push('\n');
                }
                self.event.data.push_str(value);
                self.has_data = true;
            }
            _ => {}
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Event, SseDecoder};

    fn decode(pieces: &[&[u8]]) -> Vec<Event> {
        let mut decoder = SseDecoder::default();
        pieces.iter().flat_map(|piece| decoder.push(piece).unwrap()).collect()
    }

    #[test]
    fn names_data_comments_and_marks_are_told_apart() {
        let text = "\u{feff}: hello\nevent: a\ndata: 1\ndata:2\nid: 7\n\n\ndata\n\nevent: lost\n\n";
        let expected = [
            Event { name: "a".to_owned(), data: "1\n2".to_owned() },
            Event { name: String::new(), data: String::new() },
        ];
        assert_eq!(decode(&[text.as_bytes()]), expected);
        let windows = text.replace('\n', "\r\n");
        assert_eq!(decode(&[windows.as_bytes()]), expected);
        assert_eq!(decode(&[text.replace('\n', "\r").as_bytes()]), expected);
    }

    #[test]
    fn what_has_not_ended_is_no_event() {
        assert_eq!(decode(&[b"data: 1\n"]), []);
        assert!(SseDecoder::default().push(b"data: \xff\n").is_err());
    }

    proptest! {
        #[test]
        fn where_the_stream_is_cut_does_not_matter(
            texts in prop::collection::vec("[a-zé🦀: ]{0,12}", 1..6),
            size in 1..7_usize,
        ) {
            let stream: String = texts.iter().map(|text| format!("data: {text}\r\n\r\n")).collect();
            let whole = decode(&[stream.as_bytes()]);
            let pieces: Vec<&[u8]> = stream.as_bytes().chunks(size).collect();
            prop_assert_eq!(decode(&pieces), whole.clone());
            let data: Vec<String> = whole.into_iter().map(|event| event.data).collect();
            prop_assert_eq!(data, texts);
        }
    }
}

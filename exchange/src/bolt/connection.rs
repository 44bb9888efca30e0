//! A conversation in Bolt: handshake, chunks, requests and their answers.
//!
//! Written over any stream of bytes, so that tests can play the database's part.

use std::io::{self, Read, Write};

use super::packstream::Value;
use super::{Credentials, Failure};

/// What opens every conversation, and the versions offered, the most wanted first: 5.4 down to
/// 5.0, 4.4 down to 4.2. Later ones add nothing that is needed here, and servers of those versions
/// still speak these.
const HANDSHAKE: [u8; 20] =
    [0x60, 0x60, 0xb0, 0x17, 0, 4, 4, 5, 0, 2, 4, 4, 0, 0, 0, 0, 0, 0, 0, 0];

/// Longest message that is read: answers to our requests are small.
const MAX_MESSAGE: usize = 16 << 20;

/// Longest chunk that its header can tell.
const MAX_CHUNK: usize = 0xffff;

/// Tags of messages.
mod tag {
    pub(super) const HELLO: u8 = 0x01;
    pub(super) const GOODBYE: u8 = 0x02;
    pub(super) const RESET: u8 = 0x0f;
    pub(super) const RUN: u8 = 0x10;
    pub(super) const BEGIN: u8 = 0x11;
    pub(super) const COMMIT: u8 = 0x12;
    pub(super) const PULL: u8 = 0x3f;
    pub(super) const LOGON: u8 = 0x6a;
    pub(super) const SUCCESS: u8 = 0x70;
    pub(super) const RECORD: u8 = 0x71;
    pub(super) const IGNORED: u8 = 0x7e;
    pub(super) const FAILURE: u8 = 0x7f;
}

/// A conversation that is ready for requests.
pub(super) struct Connection<S> {
    stream: S,
    /// Messages that were not sent yet: they go together, right before an answer is awaited.
    waiting: Vec<u8>,
}

/// A statement to run.
pub(super) struct Request<'a> {
    pub(super) statement: &'a str,
    /// A map.
    pub(super) parameters: Value,
    /// The database on the server, if not its default one.
    pub(super) database: Option<&'a str>,
    pub(super) transaction: Transaction,
}

/// Who begins and commits the transaction of a statement.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Transaction {
    /// The server, as changes of the schema need it.
    Implicit,
    /// We do: ArcadeDB's own run into themselves when a batch has thousands of edges.
    Explicit,
}

enum Answer {
    Success,
    Record(Vec<Value>),
    Refused(Value),
    Ignored,
}

impl<S: Read + Write> Connection<S> {
    /// Agrees on a version and logs in; no credentials are for databases that ask for none.
    /// `agent` is what we call ourselves.
    pub(super) fn open(
        stream: S,
        agent: &str,
        credentials: Option<&Credentials>,
    ) -> Result<Self, Failure> {
        let mut connection = Self { stream, waiting: Vec::new() };
        let version = connection.agree()?;
        let mut greeting = vec![("user_agent", agent.into())];
        if version >= (5, 3) {
            greeting.push(("bolt_agent", Value::map([("product", agent.into())])));
        }
        let login = login(credentials);
        if version >= (5, 1) {
            connection.send(tag::HELLO, vec![Value::map(greeting)]);
            connection.send(tag::LOGON, vec![Value::map(login)]);
            connection.success()?;
        } else {
            greeting.extend(login);
            connection.send(tag::HELLO, vec![Value::map(greeting)]);
        }
        connection.success()?;
        Ok(connection)
    }

    fn agree(&mut self) -> Result<(u8, u8), Failure> {
        self.stream.write_all(&HANDSHAKE)?;
        self.stream.flush()?;
        let mut answer = [0; 4];
        self.stream.read_exact(&mut answer)?;
        match answer {
            [0, 0, minor @ 0..=4, 5] => Ok((5, minor)),
            [0, 0, minor @ 2..=4, 4] => Ok((4, minor)),
            [0, 0, 0, 0] => {
                Err(Failure::Protocol("it knows none of the versions 4.2 to 5.4".to_owned()))
            }
            _ if answer == *b"HTTP" => Err(Failure::Protocol("it speaks HTTP".to_owned())),
            _ => Err(Failure::Protocol(format!("it answered {answer:02x?}"))),
        }
    }

    /// Runs a statement and returns its records.
    pub(super) fn run(&mut self, request: &Request<'_>) -> Result<Vec<Vec<Value>>, Failure> {
        let database = Value::map(request.database.map(|name| ("db", name.into())));
        let statement = request.statement.into();
        let parameters = request.parameters.clone();
        let pull = vec![Value::map([("n", Value::Integer(-1))])];
        let messages = match request.transaction {
            Transaction::Implicit => {
                vec![(tag::RUN, vec![statement, parameters, database]), (tag::PULL, pull)]
            }
            Transaction::Explicit => vec![
                (tag::BEGIN, vec![database]),
                (tag::RUN, vec![statement, parameters, Value::map([])]),
                (tag::PULL, pull),
                (tag::COMMIT, Vec::new()),
            ],
        };
        // All at once, for one wait instead of four. The server ignores what follows a refusal.
        let count = messages.len();
        for (tag, fields) in messages {
            self.send(tag, fields);
        }
        let mut records = Vec::new();
        let mut refusal = None;
        let mut answered = 0;
        while answered < count {
            match (self.answer()?, &refusal) {
                (Answer::Record(fields), None) => {
                    records.push(fields);
                    continue;
                }
                (Answer::Success, None) | (Answer::Ignored, Some(_)) => {}
                (Answer::Refused(why), None) => refusal = Some(refused(&why)),
                (_, _) => return Err(Failure::Protocol("its answers are out of order".to_owned())),
            }
            answered += 1;
        }
        let Some(refusal) = refusal else { return Ok(records) };
        self.send(tag::RESET, Vec::new());
        self.success()?;
        Err(refusal)
    }

    /// Says that nothing follows.
    pub(super) fn close(mut self) -> Result<(), Failure> {
        self.send(tag::GOODBYE, Vec::new());
        self.flush()
    }

    fn success(&mut self) -> Result<(), Failure> {
        match self.answer()? {
            Answer::Success => Ok(()),
            Answer::Refused(why) => Err(refused(&why)),
            Answer::Ignored | Answer::Record(_) => {
                Err(Failure::Protocol("its answers are out of order".to_owned()))
            }
        }
    }

    fn send(&mut self, tag: u8, fields: Vec<Value>) {
        let mut message = Vec::new();
        Value::Structure(tag, fields).write(&mut message);
        for chunk in message.chunks(MAX_CHUNK) {
            self.waiting.extend((chunk.len() as u16).to_be_bytes());
            self.waiting.extend(chunk);
        }
        self.waiting.extend([0, 0]);
    }

    fn flush(&mut self) -> Result<(), Failure> {
        self.stream.write_all(&self.waiting)?;
        self.waiting.clear();
        Ok(self.stream.flush()?)
    }

    fn answer(&mut self) -> Result<Answer, Failure> {
        self.flush()?;
        let message = self.message()?;
        let unknown = || Failure::Protocol("it sent a message that is none of Bolt's".to_owned());
        let Some(Value::Structure(tag, mut fields)) = Value::read(&message) else {
            return Err(unknown());
        };
        match (tag, fields.pop()) {
            (tag::SUCCESS, _) => Ok(Answer::Success),
            (tag::RECORD, Some(Value::List(fields))) => Ok(Answer::Record(fields)),
            (tag::FAILURE, Some(why)) => Ok(Answer::Refused(why)),
            (tag::IGNORED, _) => Ok(Answer::Ignored),
            (_, _) => Err(unknown()),
        }
    }

    /// The next message, put together from its chunks. Empty chunks between messages only keep
    /// the line alive.
    fn message(&mut self) -> Result<Vec<u8>, Failure> {
        let mut message = Vec::new();
        loop {
            let mut size = [0; 2];
            self.stream.read_exact(&mut size)?;
            let size = usize::from(u16::from_be_bytes(size));
            match (size, message.is_empty()) {
                (0, true) => {}
                (0, false) => return Ok(message),
                (size, _) if message.len() + size > MAX_MESSAGE => {
                    return Err(Failure::Protocol("it sent a message without end".to_owned()));
                }
                (size, _) => {
                    let start = message.len();
                    message.resize(start + size, 0);
                    self.stream.read_exact(&mut message[start..])?;
                }
            }
        }
    }
}

fn login(credentials: Option<&Credentials>) -> Vec<(&'static str, Value)> {
    match credentials {
        None => vec![("scheme", "none".into())],
        Some(Credentials { user, password }) => vec![
            ("scheme", "basic".into()),
            ("principal", user.as_str().into()),
            ("credentials", password.as_str().into()),
        ],
    }
}

fn refused(why: &Value) -> Failure {
    Failure::Refused { code: why.text("code").to_owned(), message: why.text("message").to_owned() }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Line(error)
    }
}

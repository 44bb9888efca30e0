//! Conversations with a server in memory. The bytes of recorded ones are those that ArcadeDB 26.10
//! and our client exchanged in Bolt 5.4.

use std::io::{self, Read, Write};

use super::connection::{Connection, Request, Transaction};
use super::packstream::Value;
use super::{Credentials, Database, Failure, host_and_port, push_over};
use crate::tests::tree::shapes;
use crate::{ExchangeError, Options};

/// The handshake that opens every conversation of ours.
const HANDSHAKE: &str = "6060b017 00040405 00020404 00000000 00000000";

/// Who we were when the conversations were recorded.
const AGENT: &str = "flux/0.1.0";

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(byte).collect()
}

/// A server that has said all it will ever say, and remembers what it was told.
struct Recorded {
    says: io::Cursor<Vec<u8>>,
    heard: Vec<u8>,
}

impl Recorded {
    fn new(says: &[&str]) -> Self {
        Self { says: io::Cursor::new(bytes(&says.concat())), heard: Vec::new() }
    }
}

impl Read for Recorded {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.says.read(into)
    }
}

impl Write for Recorded {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        self.heard.write(from)
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn root() -> Credentials {
    Credentials { user: "root".to_owned(), password: "playwithdata".to_owned() }
}

const HELLO: &str = "004cb170a286736572766572d02a4e656f346a2f352e32362e3020636f6d70617469626c6520
    2841726361646544422032362e31302e32298d636f6e6e656374696f6e5f696487626f6c742d36390000";
const SUCCESS: &str = "0003b170a00000";

fn request(statement: &str) -> Request<'_> {
    Request {
        statement,
        parameters: Value::map([("project", "click".into())]),
        database: Some("code"),
        transaction: Transaction::Explicit,
    }
}

#[test]
fn a_recorded_conversation_goes_as_it_went() {
    let answers = [
        "00000405",
        HELLO,
        SUCCESS,
        SUCCESS,
        "0020b170a3866669656c647391866e657765737487745f66697273740083716964000000",
        "0004b17191030000",
        "001cb170a38474797065817286745f6c61737400886861735f6d6f7265c20000",
        "0025b170a188626f6f6b6d61726bd0176172636164653a74783a313739353234363231353535340000",
    ];
    let mut server = Recorded::new(&answers);
    let mut connection = Connection::open(&mut server, AGENT, Some(&root())).unwrap();
    let statement = "MATCH (n:Symbol {project: $project}) RETURN max(n.generation) AS newest";
    let records = connection.run(&request(statement)).unwrap();
    assert_eq!(records, [[Value::Integer(3)]]);
    connection.close().unwrap();
    let expected = [
        HANDSHAKE,
        "0038b101a28a757365725f6167656e748a666c75782f302e312e308a626f6c745f6167656e74a18770726f64
         7563748a666c75782f302e312e300000",
        "0038b16aa386736368656d65856261736963897072696e636970616c84726f6f748b63726564656e7469616c
         738c706c617977697468646174610000",
        "000bb111a182646284636f64650000",
        "005bb310d0474d4154434820286e3a53796d626f6c207b70726f6a6563743a202470726f6a6563747d292052
         455455524e206d6178286e2e67656e65726174696f6e29204153206e6577657374a18770726f6a6563748563
         6c69636ba00000",
        "0006b13fa1816eff0000",
        "0002b0120000",
        "0002b0020000",
    ];
    assert_eq!(server.heard, bytes(&expected.concat()));
}

#[test]
fn older_servers_get_the_login_with_the_greeting() {
    let mut server = Recorded::new(&["00000404", SUCCESS]);
    Connection::open(&mut server, AGENT, Some(&root())).unwrap();
    let hello = Value::map([
        ("user_agent", AGENT.into()),
        ("scheme", "basic".into()),
        ("principal", "root".into()),
        ("credentials", "playwithdata".into()),
    ]);
    let mut expected = Vec::new();
    Value::Structure(0x01, vec![hello]).write(&mut expected);
    assert_eq!(server.heard[22..server.heard.len() - 2], expected);
}

#[test]
fn a_refused_login_says_what_to_pass() {
    let refusal = "004eb17fa284636f6465d0254e656f2e436c69656e744572726f722e53656375726974792e556e
        617574686f72697a6564876d657373616765d01541757468656e7469636174696f6e206661696c65640000";
    let server = Recorded::new(&["00000405", HELLO, refusal]);
    let failure = Connection::open(server, AGENT, Some(&root())).err().unwrap();
    assert_eq!(
        failure.explained("bolt://db").to_string(),
        "the database refused: Authentication failed (Neo.ClientError.Security.Unauthorized)\n\
         hint: pass the user and the password of the database"
    );
}

#[test]
fn after_a_refused_statement_the_conversation_goes_on() {
    let ignored = "0002b07e0000";
    let refusal = "0014b17fa2 84636f6465 8141 876d657373616765 8142 0000";
    let answers = ["00000405", HELLO, SUCCESS, SUCCESS, refusal, ignored, ignored, SUCCESS]
        .into_iter()
        .chain([SUCCESS; 4])
        .collect::<Vec<_>>();
    let mut server = Recorded::new(&answers);
    let mut connection = Connection::open(&mut server, AGENT, None).unwrap();
    let failure = connection.run(&request("WRONG")).unwrap_err();
    assert!(matches!(failure, Failure::Refused { code, message } if code == "A" && message == "B"));
    assert_eq!(connection.run(&request("RIGHT")).unwrap(), Vec::<Vec<Value>>::new());
}

#[test]
fn messages_come_in_chunks_and_after_signs_of_life() {
    let chunked = "0000 0000 0001b1 000270a0 0000";
    let server = Recorded::new(&["00000404", chunked]);
    assert!(Connection::open(server, AGENT, None).is_ok());
}

#[track_caller]
fn check_failure(says: &[&str], expected: &str) {
    let failure = Connection::open(Recorded::new(says), AGENT, None).err().unwrap();
    let message = failure.explained("db:1").to_string();
    assert!(message.contains(expected), "{message}");
    assert!(message.contains("\nhint: "), "{message}");
}

#[test]
fn whatever_else_answers_is_told_from_a_database() {
    check_failure(&["48545450"], "db:1 does not speak Bolt: it speaks HTTP");
    check_failure(&["00000000"], "it knows none of the versions");
    check_failure(&["00000003"], "it answered [00, 00, 00, 03]");
    check_failure(&["0000"], "it hung up");
    check_failure(&["00000404", "0001c0 0000"], "none of Bolt's");
    check_failure(&["00000404", "0003b171 90 0000"], "out of order");
    let endless = "ffff".to_owned() + &"00".repeat(0xffff);
    check_failure(&["00000404", &endless.repeat(258)], "a message without end");
}

#[track_caller]
fn check_address(address: &str, expected: Result<(&str, u16), &str>) {
    let found = host_and_port(address).map_err(|error| error.to_string());
    assert_eq!(
        found.as_ref().map_err(|message| message.lines().next().unwrap()),
        expected.as_ref().map_err(|e| *e)
    );
}

#[test]
fn an_address_names_host_and_port() {
    check_address("bolt://db.example:7000", Ok(("db.example", 7000)));
    check_address("db.example", Ok(("db.example", 7687)));
    check_address("bolt://[::1]:7000/", Ok(("::1", 7000)));
    check_address("[::1]", Ok(("::1", 7687)));
    check_address("bolt://", Err("bolt:// is no address of a database: it names no host"));
    check_address("x:y", Err("x:y is no address of a database: the port is no number"));
    check_address(
        "neo4j+s://x",
        Err("neo4j+s://x is no address of a database: encrypted connections are not supported"),
    );
    check_address("http://x", Err("http://x is no address of a database: it is not one of Bolt"));
}

#[test]
fn nothing_at_an_address_says_to_start_the_database() {
    let database = Database { address: "bolt://127.0.0.1:1", credentials: None, name: None };
    let error = shapes().source(|source| super::push(&database, source, &Options::default()));
    let message = error.unwrap_err().to_string();
    assert!(message.starts_with("cannot reach bolt://127.0.0.1:1\nhint: start the"), "{message}");
}

#[test]
fn a_password_is_never_shown() {
    assert_eq!(format!("{:?}", root()), r#"Credentials { user: "root", .. }"#);
}

/// A server that answers each request when it comes: it knows no constraints, has seen two pushes,
/// and finds something stale once.
#[derive(Default)]
struct Memgraph {
    heard: Vec<u8>,
    says: io::Cursor<Vec<u8>>,
    statements: Vec<(String, Value)>,
    is_failed: bool,
    stale: u32,
}

impl Memgraph {
    fn say(&mut self, tag: u8, field: Value) {
        let mut message = Vec::new();
        Value::Structure(tag, vec![field]).write(&mut message);
        let says = self.says.get_mut();
        says.extend((message.len() as u16).to_be_bytes());
        says.extend(message);
        says.extend([0, 0]);
    }

    fn answer(&mut self, tag: u8, fields: &[Value]) {
        if tag == 0x0f {
            self.is_failed = false;
        }
        if self.is_failed {
            return self.say(0x7e, Value::map([]));
        }
        if let [Value::Text(statement), parameters, _] = fields {
            self.statements.push((statement.clone(), parameters.clone()));
            if statement.starts_with("CREATE CONSTRAINT") {
                self.is_failed = true;
                let code = ("code", "Memgraph.ClientError.MemgraphError.MemgraphError".into());
                return self.say(0x7f, Value::map([code]));
            }
        }
        if tag == 0x3f {
            let (statement, _) = self.statements.last().unwrap();
            let is_stale = statement.ends_with("AS gone");
            let number = match is_stale {
                true => i64::from(self.stale == 0),
                false => 2,
            };
            self.stale += u32::from(is_stale);
            self.say(0x71, Value::List(vec![Value::Integer(number)]));
        }
        self.say(0x70, Value::map([]));
    }
}

impl Write for &mut Memgraph {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        self.heard.extend(from);
        if from.starts_with(&[0x60, 0x60, 0xb0, 0x17]) {
            self.heard.clear();
            self.says.get_mut().extend([0, 0, 4, 4]);
        }
        while let [high, low, rest @ ..] = &self.heard[..] {
            // Requests of these tests fit into one chunk each.
            let size = usize::from(u16::from_be_bytes([*high, *low]));
            let message = Value::read(&rest[..size]);
            self.heard.drain(..size + 4);
            let Some(Value::Structure(tag, fields)) = message else { panic!("no message") };
            self.answer(tag, &fields);
        }
        Ok(from.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for &mut Memgraph {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.says.read(into)
    }
}

#[test]
fn a_push_makes_nodes_then_edges_and_then_removes_what_is_stale() {
    let mut server = Memgraph::default();
    let database = Database { address: "db", credentials: None, name: None };
    let summary = shapes()
        .source(|source| push_over(&mut server, &database, source, &Options::default()))
        .unwrap();
    assert_eq!((summary.files, summary.nodes), (3, 9));
    let words = |statement: &str| {
        let words: Vec<&str> = statement.split(' ').collect();
        let kind = words.iter().find(|word| word.contains("[r:") || word.contains("(n:Symbol:"));
        kind.or(words.first()).unwrap().to_string()
    };
    let order: Vec<String> = server.statements.iter().map(|(text, _)| words(text)).collect();
    let expected = [
        "CREATE",
        "CREATE",
        "MATCH",
        "(n:Symbol:Class",
        "(n:Symbol:Function",
        "(n:Symbol:Method",
        "(n:Symbol:Module",
        "(a)-[r:CONTAINS]->(b)",
        "(a)-[r:CALLS]->(b)",
        "(a)-[r:REFERENCES]->(b)",
        "(a)-[r:IMPORTS]->(b)",
        "(a)-[r:INHERITS]->(b)",
        "(a)-[r:OVERRIDES]->(b)",
        "MATCH",
        "MATCH",
        "MATCH",
    ];
    assert_eq!(order, expected);
    let (_, parameters) = &server.statements[3];
    let Some(Value::List(rows)) = parameters.get("rows") else { panic!("no rows") };
    assert_eq!(rows[0].get("generation"), Some(&Value::Integer(3)));
    assert_eq!(rows[0].text("name"), "Shape");
}

#[test]
fn a_push_stops_when_it_is_asked_to() {
    let mut server = Memgraph::default();
    let database = Database { address: "db", credentials: None, name: None };
    let error = shapes().source(|source| {
        source.cancel.cancel();
        push_over(&mut server, &database, source, &Options::default())
    });
    assert!(matches!(error, Err(ExchangeError::Cancelled)));
}

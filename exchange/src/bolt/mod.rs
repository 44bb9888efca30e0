//! The graph pushed into a graph database over Bolt, the protocol of Neo4j.
//!
//! Our own client of a dozen messages instead of a driver: drivers bring an async runtime and
//! time zones for what is a loop of requests. Encryption is not spoken; a database elsewhere is
//! reached through a tunnel, or by a script in Cypher.
//!
//! Each batch is a transaction: one for a whole large graph outgrows the memory of a server with
//! usual settings. What an earlier push left and this one did not touch goes at the end, so that a
//! database is never empty in between, and a push that broke is mended by the next.

mod connection;
mod packstream;
#[cfg(test)]
mod tests;

use std::fmt;
use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use crate::cypher::{self, CONSTRAINT, Row};
use crate::error::ExchangeError;
use crate::{Options, Scope, Source, Summary};
use connection::{Connection, Request, Transaction};
use packstream::Value;

/// What we call ourselves.
const AGENT: &str = concat!("flux/", env!("CARGO_PKG_VERSION"));

/// The port of Bolt where an address names none.
const PORT: u16 = 7687;

/// How long a database may take to accept a connection.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long it may take to answer a request; the first one after its start loads its caches.
const PATIENCE_FOR_ANSWERS: Duration = Duration::from_secs(300);

/// Milliseconds before a statement is run again that met another transaction.
const PAUSES: [u64; 4] = [50, 200, 800, 3200];

/// How databases without constraints of Neo4j's form (Memgraph) find a node by its id.
const INDEX: &str = "CREATE INDEX ON :Symbol(id)";

/// The last push of a project.
const NEWEST: &str = "MATCH (n:Symbol {project: $project}) RETURN max(n.generation) AS newest";

/// What an earlier push left, a part at a time.
const STALE: [&str; 2] = [
    "MATCH (:Symbol {project: $project})-[r]->() WHERE r.generation < $generation \
     WITH r LIMIT 10000 DELETE r RETURN count(*) AS gone",
    "MATCH (n:Symbol {project: $project}) WHERE n.generation < $generation \
     WITH n LIMIT 10000 DETACH DELETE n RETURN count(*) AS gone",
];

/// Who logs in.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The user.
    pub user: String,
    /// Its password.
    pub password: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("user", &self.user).finish_non_exhaustive()
    }
}

/// Where a graph is pushed to.
#[derive(Clone, Debug)]
pub struct Database<'a> {
    /// Its address: `bolt://host:port`, or less of it.
    pub address: &'a str,
    /// Who logs in; `None` for a database that asks for no login.
    pub credentials: Option<&'a Credentials>,
    /// The database on the server; `None` for its default one.
    pub name: Option<&'a str>,
}

/// Makes the nodes and edges of `source` those of its project in the database. Other projects are
/// left alone.
pub fn push(
    database: &Database<'_>,
    source: &Source<'_>,
    options: &Options,
) -> Result<Summary, ExchangeError> {
    push_over(connect(database.address)?, database, source, options)
}

fn push_over(
    stream: impl Read + Write,
    database: &Database<'_>,
    source: &Source<'_>,
    options: &Options,
) -> Result<Summary, ExchangeError> {
    let scope = Scope::new(source, options)?;
    let mut session = Session::open(stream, database)?;
    match session.run(CONSTRAINT, Value::map([]), Transaction::Implicit) {
        Err(ExchangeError::Refused { .. }) => {
            session.run(INDEX, Value::map([]), Transaction::Implicit)?
        }
        other => other?,
    };
    let project = || ("project", Value::from(source.project));
    let newest = session.run(NEWEST, Value::map([project()]), Transaction::Explicit)?;
    let generation = number(&newest).unwrap_or(0) + 1;
    let extra = [("generation", cypher::Value::Integer(generation))];
    let summary = cypher::feed(&scope, &extra, &mut |statement, rows| {
        let statement = format!("UNWIND $rows AS row {statement}");
        let rows = Value::map([("rows", list(rows))]);
        session.run(&statement, rows, Transaction::Explicit).map(|_| ())
    })?;
    for statement in STALE {
        let parameters = || Value::map([project(), ("generation", Value::Integer(generation))]);
        while number(&session.run(statement, parameters(), Transaction::Explicit)?) > Some(0) {
            if source.cancel.is_cancelled() {
                return Err(ExchangeError::Cancelled);
            }
        }
    }
    session.close()?;
    Ok(summary)
}

/// A conversation with a database that a person named.
struct Session<'a, S> {
    database: &'a Database<'a>,
    connection: Connection<S>,
}

impl<'a, S: Read + Write> Session<'a, S> {
    fn open(stream: S, database: &'a Database<'a>) -> Result<Self, ExchangeError> {
        let connection = Connection::open(stream, AGENT, database.credentials);
        let connection = connection.map_err(|failure| failure.explained(database.address))?;
        Ok(Self { database, connection })
    }

    /// Runs a statement; again when the database asks for it, as all its drivers do.
    fn run(
        &mut self,
        statement: &str,
        parameters: Value,
        transaction: Transaction,
    ) -> Result<Vec<Vec<Value>>, ExchangeError> {
        let database = self.database.name;
        let request = Request { statement, parameters, database, transaction };
        let mut pauses = PAUSES.iter();
        loop {
            match (self.connection.run(&request), pauses.next()) {
                (Err(failure), Some(pause)) if failure.is_transient() => {
                    std::thread::sleep(Duration::from_millis(*pause));
                }
                (result, _) => {
                    return result.map_err(|failure| failure.explained(self.database.address));
                }
            }
        }
    }

    fn close(self) -> Result<(), ExchangeError> {
        self.connection.close().map_err(|failure| failure.explained(self.database.address))
    }
}

/// The only value of the only record.
fn number(records: &[Vec<Value>]) -> Option<i64> {
    match records {
        [fields] => match fields[..] {
            [Value::Integer(number)] => Some(number),
            _ => None,
        },
        _ => None,
    }
}

fn list(rows: &[Row]) -> Value {
    let value = |value: &cypher::Value| match value {
        cypher::Value::Text(text) => Value::Text(text.clone()),
        cypher::Value::Integer(number) => Value::Integer(*number),
        cypher::Value::Float(number) => Value::Float(*number),
        cypher::Value::Boolean(is_so) => Value::Boolean(*is_so),
    };
    let map = |row: &Row| Value::map(row.iter().map(|(name, of)| (*name, value(of))));
    Value::List(rows.iter().map(map).collect())
}

/// Why a conversation ended.
#[derive(Debug)]
enum Failure {
    /// The line broke.
    Line(io::Error),
    /// The other end does not speak as it should.
    Protocol(String),
    /// It refused a request.
    Refused { code: String, message: String },
}

impl Failure {
    /// Whether the same request may well succeed when it is made again.
    fn is_transient(&self) -> bool {
        matches!(self, Self::Refused { code, .. } if code.starts_with("Neo.TransientError."))
    }

    fn explained(self, address: &str) -> ExchangeError {
        let address = address.to_owned();
        match self {
            Self::Line(source) => ExchangeError::Connection {
                action: "talk with the database at",
                hint: match source.kind() {
                    io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset => {
                        "it hung up: if it asks for encryption, allow plain connections from this machine, or export --format cypher"
                    }
                    io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => {
                        "it did not answer in time: look at its log, then push again"
                    }
                    _ => "push again, what is there is only completed",
                },
                address,
                source,
            },
            Self::Protocol(what) => ExchangeError::NotBolt { address, what },
            Self::Refused { code, message } => {
                let hint = if code.contains(".Security.") {
                    "pass the user and the password of the database"
                } else if code.contains("DatabaseNotFound") {
                    "pass the name of a database that exists on the server"
                } else {
                    "the log of the database says more"
                };
                ExchangeError::Refused { code, message, hint }
            }
        }
    }
}

/// Host and port of an address.
fn host_and_port(address: &str) -> Result<(&str, u16), ExchangeError> {
    let fault = |why, hint| ExchangeError::Address { address: address.to_owned(), why, hint };
    let plain = "bolt://localhost:7687";
    let rest = match address.split_once("://") {
        None | Some(("bolt", _)) => address.strip_prefix("bolt://").unwrap_or(address),
        Some(("bolt+s" | "bolt+ssc" | "neo4j+s" | "neo4j+ssc", _)) => {
            return Err(fault(
                "encrypted connections are not supported",
                "open a tunnel and push to its end with bolt://, or export --format cypher and run it with cypher-shell",
            ));
        }
        Some(("neo4j", _)) => {
            return Err(fault(
                "routing in a cluster is not supported",
                "pass the member that leads, with bolt://",
            ));
        }
        Some(_) => return Err(fault("it is not one of Bolt", plain)),
    };
    let rest = rest.trim_end_matches('/');
    let (host, port) = match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, port)) => (host, port.strip_prefix(':')),
        None => match rest.rsplit_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (rest, None),
        },
    };
    let port = match port {
        Some(port) => port.parse().map_err(|_| fault("the port is no number", plain))?,
        None => PORT,
    };
    if host.is_empty() { Err(fault("it names no host", plain)) } else { Ok((host, port)) }
}

fn connect(address: &str) -> Result<TcpStream, ExchangeError> {
    let failed = |action, hint, source| ExchangeError::Connection {
        action,
        address: address.to_owned(),
        hint,
        source,
    };
    let found = host_and_port(address)?.to_socket_addrs().map_err(|error| {
        failed("find", "check the name of the host, bolt://localhost:7687 is this machine", error)
    })?;
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for candidate in found {
        match TcpStream::connect_timeout(&candidate, PATIENCE) {
            Ok(stream) => {
                let ready = stream
                    .set_read_timeout(Some(PATIENCE_FOR_ANSWERS))
                    .and_then(|()| stream.set_write_timeout(Some(PATIENCE_FOR_ANSWERS)))
                    .and_then(|()| stream.set_nodelay(true));
                return match ready {
                    Ok(()) => Ok(stream),
                    Err(error) => Err(failed("talk with", "push again", error)),
                };
            }
            Err(error) => last = error,
        }
    }
    let hint = "start the database, or pass the host and port on which it listens for Bolt";
    Err(failed("reach", hint, last))
}

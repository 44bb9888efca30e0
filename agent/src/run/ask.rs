//! One request: sent, read while it comes, and sent again unchanged where that can help.

use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant};

use flux_core::Cancel;

use super::event::Event;
use super::ledger::Ledger;
use crate::llm::sse::SseDecoder;
use crate::llm::wire::{Decoder, decoder};
use crate::llm::{Delta, Dialect, Failure, FailureKind, Reply, Transport, Wait};

/// How often a request is sent, at most. With the pauses below that is about two minutes.
const ATTEMPTS: u32 = 8;
/// How often a connection is tried where nobody answers.
const CONNECTIONS: u32 = 3;
/// The first pause; each is twice as long as the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// A pause is never longer, unless the server asks for it.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// A server that asks for a longer pause is not waited for.
const LONGEST_WAIT: Duration = Duration::from_secs(120);

/// Sends a request until it is answered. Nothing of a reply that broke off is kept: a call is only
/// run from a reply that is whole.
pub(super) fn ask(
    transport: &dyn Transport,
    dialect: Dialect,
    body: &[u8],
    cancel: &Cancel,
    ledger: &mut Ledger,
    on: &mut dyn FnMut(Event),
) -> Result<Reply, Failure> {
    let mut attempt = 1;
    loop {
        while let Some(Wait { time, why }) = transport.due(body) {
            on(Event::Waiting { after: time, why });
            wait(time, cancel)?;
        }
        let failure = match attempt_once(transport, dialect, body, cancel, on) {
            Ok(reply) => return Ok(reply),
            Err(failure) => failure,
        };
        let after = match failure.kind {
            FailureKind::Retry { after: Some(after) } if after <= LONGEST_WAIT => after,
            FailureKind::Retry { after: None } => pause(attempt),
            FailureKind::Unreachable if attempt < CONNECTIONS => pause(attempt),
            _ => return Err(failure),
        };
        if attempt >= ATTEMPTS {
            let message = format!("{} (after {attempt} attempts)", failure.message);
            return Err(Failure { message, ..failure });
        }
        ledger.retries += 1;
        on(Event::Retry { attempt, after, why: failure.message });
        wait(after, cancel)?;
        attempt += 1;
    }
}

fn attempt_once(
    transport: &dyn Transport,
    dialect: Dialect,
    body: &[u8],
    cancel: &Cancel,
    on: &mut dyn FnMut(Event),
) -> Result<Reply, Failure> {
    let mut events = SseDecoder::default();
    let mut decoder: Box<dyn Decoder> = decoder(dialect);
    transport.post(body, cancel, &mut |bytes| {
        let events = events.push(bytes).map_err(|error| Failure::passing(error.to_string()))?;
        for event in &events {
            for delta in decoder.push(event)? {
                on(match delta {
                    Delta::Text(text) => Event::Text(text),
                    Delta::Thinking(text) => Event::Thinking(text),
                    Delta::Call(tool) => Event::Calling(tool),
                });
            }
        }
        Ok(())
    })?;
    decoder.finish()
}

/// The pause after an attempt, of which a random half is left out so that clients do not come back
/// together.
fn pause(attempt: u32) -> Duration {
    // The standard library seeds each state from the system; no package is needed for jitter.
    let bits = RandomState::new().hash_one(attempt);
    let random = (bits >> 11) as f64 / (1_u64 << 53) as f64;
    let doubled = FIRST_PAUSE.saturating_mul(1 << (attempt - 1).min(16));
    doubled.min(LONGEST_PAUSE).mul_f64(1.0 - random / 2.0)
}

fn wait(time: Duration, cancel: &Cancel) -> Result<(), Failure> {
    let end = Instant::now() + time;
    while let Some(left) = end.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())
    {
        if cancel.is_cancelled() {
            return Err(Failure::cancelled());
        }
        std::thread::sleep(left.min(Duration::from_millis(50)));
    }
    Ok(())
}

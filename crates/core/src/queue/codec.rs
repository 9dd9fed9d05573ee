//! How the events of a parcel are written into the queue, and read again.
//!
//! Binary, because a queue in memory is paid by the byte: whole numbers take as few bytes as they
//! need, times are written as differences, and a player or a type that occurs often is written
//! once. Reading trusts nothing: whatever the bytes are, the answer is a submission or an error.
//!
//! The first byte is the version. A node reads all versions up to its own, and leaves what is newer
//! to the nodes that can read it. There is no part that may be passed over unread: what an older node
//! did not know would be lost for good, as its event is never applied again. So a new field and a new
//! [`RejectCode`] are a new version, which one release of Scoreline learns to read, and only the next
//! one writes: then all nodes of a change from one to the other, and back, read all that is in the
//! queue.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};

use crate::bytes::{Damaged, Reader, Writer};
use crate::event::{Event, RejectCode, Rejected};
use crate::id::{EventKey, PlayerId};
use crate::intake::Submission;
use crate::limits::EVENT_BYTES_MAX;
use crate::queue::Parcel;
use crate::time::Timestamp;

/// The version that this code writes.
const VERSION: u8 = 1;
/// The least bytes that an event takes: what a count promises must have room in what is left.
const EVENT_BYTES_LEAST: usize = 30;
/// No rejected event takes fewer bytes.
const REJECTED_BYTES_LEAST: usize = 26;

/// Why bytes are not the events of a parcel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// They were written by a newer version of Scoreline. Release them for a node that knows it.
    #[error(
        "it is written in version {version}, and this node reads up to version {VERSION}: a newer \
         node must take it"
    )]
    Newer {
        /// The version of the encoding.
        version: u8,
    },
    /// They were not written by Scoreline, or changed since.
    #[error(transparent)]
    Damaged(#[from] Damaged),
}

/// Writes events. `received_at` is any time near their receipts.
pub(super) fn encode(submission: &Submission, received_at: Timestamp) -> Vec<u8> {
    let texts = Texts::of(submission);
    let payloads: usize = submission.events.iter().map(|event| event.payload.len() + 32).sum();
    let raw: usize = submission.rejected.iter().map(|rejected| rejected.raw.len() + 256).sum();
    let mut to = Writer::with_capacity(64 + payloads + raw);
    to.byte(VERSION);
    to.time(received_at);
    to.count(texts.in_order.len());
    for text in &texts.in_order {
        to.text(text);
    }
    to.count(submission.events.len());
    for event in &submission.events {
        to.count(texts.numbers[event.player.as_str()]);
        to.count(texts.numbers[&*event.event_type]);
        to.count(event.sent_by.as_deref().map_or(0, |by| texts.numbers[by] + 1));
        to.time(event.time);
        to.uuid(event.id);
        to.difference(event.received_at, received_at);
        to.difference(event.counted_at, event.time);
        to.hash(event.content);
        to.text(&event.payload);
    }
    to.count(submission.rejected.len());
    for rejected in &submission.rejected {
        encode_rejected(rejected, received_at, &mut to);
    }
    to.finish()
}

fn encode_rejected(rejected: &Rejected, received_at: Timestamp, to: &mut Writer) {
    to.count(rejected.index);
    to.optional(rejected.event_type.as_deref());
    to.optional(rejected.player.as_ref().map(PlayerId::as_str));
    to.optional(rejected.event_id.as_deref());
    to.text(rejected.code.as_str());
    to.optional(rejected.field.as_deref());
    to.text(&rejected.message);
    to.difference(rejected.received_at, received_at);
    to.byte(rejected.sent_at.is_some().into());
    if let Some(sent_at) = rejected.sent_at {
        to.difference(sent_at, received_at);
    }
    to.count(rejected.occurrence as usize);
    to.uuid(rejected.digest);
    to.text(&rejected.raw);
    to.optional(rejected.sent_by.as_deref());
}

/// Reads what [`encode`] wrote.
pub(super) fn decode(encoded: &[u8]) -> Result<Submission, CodecError> {
    let mut from = Reader::new(encoded);
    match from.byte()? {
        VERSION => {}
        0 => return Err(Damaged { at: 0, wrong: "there is no version 0" }.into()),
        version => return Err(CodecError::Newer { version }),
    }
    let received_at = from.time()?;
    let texts = (0..from.count(1)?)
        .map(|_| from.text().map(Text::from))
        .collect::<Result<Vec<Text>, Damaged>>()?;
    let events = (0..from.count(EVENT_BYTES_LEAST)?)
        .map(|_| decode_event(&mut from, received_at, &texts))
        .collect::<Result<_, _>>()?;
    let rejected = (0..from.count(REJECTED_BYTES_LEAST)?)
        .map(|_| decode_rejected(&mut from, received_at))
        .collect::<Result<_, _>>()?;
    from.end()?;
    Ok(Submission { events, rejected })
}

fn decode_event(
    from: &mut Reader<'_>,
    received_at: Timestamp,
    texts: &[Text],
) -> Result<Event, Damaged> {
    let player = from.number_below(texts.len())?;
    let player = texts[player].player.clone().ok_or(from.damaged("this is no player's id"))?;
    let event_type = Arc::clone(&texts[from.number_below(texts.len())?].text);
    let sent_by = match from.number_below(texts.len() + 1)? {
        0 => None,
        number => Some(Arc::clone(&texts[number - 1].text)),
    };
    let time = from.time()?;
    let id = from.uuid()?;
    let received_at = from.time_from(received_at)?;
    let counted_at = from.time_from(time)?;
    let content = from.hash()?;
    let payload = Box::from(from.text()?);
    let key = EventKey { player, id };
    let event =
        Event::from_stored(key, time, event_type, received_at, counted_at, content, payload);
    Ok(Event { sent_by, ..event })
}

fn decode_rejected(from: &mut Reader<'_>, received_at: Timestamp) -> Result<Rejected, Damaged> {
    Ok(Rejected {
        index: from.number()?,
        event_type: from.optional()?.map(str::to_owned),
        player: match from.optional()? {
            Some(id) => {
                Some(PlayerId::new(id).map_err(|_| from.damaged("this is no player's id"))?)
            }
            None => None,
        },
        event_id: from.optional()?.map(str::to_owned),
        code: {
            let slug = from.text()?;
            let code = RejectCode::ALL.into_iter().find(|code| code.as_str() == slug);
            code.ok_or(from.damaged("there is no such code"))?
        },
        field: from.optional()?.map(str::to_owned),
        message: from.text()?.to_owned(),
        received_at: from.time_from(received_at)?,
        sent_at: if from.flag()? { Some(from.time_from(received_at)?) } else { None },
        occurrence: {
            let occurrence = from.number()?;
            u32::try_from(occurrence).map_err(|_| from.damaged("the number is too large"))?
        },
        digest: from.uuid()?,
        raw: Box::from(from.text()?),
        sent_by: from.optional()?.map(Arc::from),
    })
}

/// What quarantine keeps of a parcel that is [`CodecError::Damaged`]: its bytes as hexadecimal
/// digits, as far as an event may be long. The same bytes are the same entry.
pub fn unreadable(parcel: &Parcel, error: &CodecError) -> Rejected {
    let bytes = parcel.encoded();
    let kept = &bytes[..bytes.len().min(EVENT_BYTES_MAX / 2)];
    let nibbles = kept.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    let digits: String =
        nibbles.map(|nibble| char::from(b"0123456789abcdef"[nibble as usize])).collect();
    let mut digest = [0; 16];
    digest.copy_from_slice(&Sha256::digest(bytes)[..16]);
    let length = bytes.len();
    Rejected {
        index: 0,
        event_type: None,
        player: None,
        event_id: None,
        code: RejectCode::NotAnObject,
        field: None,
        message: format!("an entry of {length} bytes in the queue cannot be read: {error}"),
        received_at: parcel.received_at(),
        sent_at: None,
        occurrence: 0,
        digest: uuid::Builder::from_custom_bytes(digest).into_uuid(),
        raw: format!("\"{digits}\"").into_boxed_str(),
        sent_by: None,
    }
}

/// Players and types, each once.
#[derive(Default)]
struct Texts<'a> {
    in_order: Vec<&'a str>,
    numbers: FxHashMap<&'a str, usize>,
}

impl<'a> Texts<'a> {
    fn of(submission: &'a Submission) -> Self {
        let mut texts = Self::default();
        for event in &submission.events {
            texts.add(event.player.as_str());
            texts.add(&event.event_type);
            event.sent_by.iter().for_each(|by| texts.add(by));
        }
        texts
    }

    fn add(&mut self, text: &'a str) {
        let next = self.in_order.len();
        if *self.numbers.entry(text).or_insert(next) == next {
            self.in_order.push(text);
        }
    }
}

/// A text that events refer to, in both forms in which they may hold it.
struct Text {
    text: Arc<str>,
    player: Option<PlayerId>,
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self { text: Arc::from(text), player: PlayerId::new(text).ok() }
    }
}

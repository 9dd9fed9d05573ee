//! What events have in common and is kept once: their type and the names of their fields.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::{CachedStatement, Connection, OptionalExtension, params};
use scoreline_core::event::Event;
use scoreline_core::event::shape::{self, Parts};
use scoreline_core::game::Definition;
use scoreline_core::limits::PAYLOAD_SHAPES_MAX;
use scoreline_core::store::Result;

use crate::error::translate;
use crate::statement::sql;

/// The names of a shape whose payloads lie whole in their events.
const WHOLE: &str = "";

/// The numbers of the shapes of one transaction, each looked up once. What was given out in a transaction that is
/// taken back was never given out.
pub(crate) struct Shapes<'t> {
    find: CachedStatement<'t>,
    add: CachedStatement<'t>,
    known: HashMap<Arc<str>, HashMap<String, i64>>,
    definition: &'t Definition,
}

impl<'t> Shapes<'t> {
    pub fn new(tx: &'t Connection, definition: &'t Definition) -> Result<Self> {
        let prepare = |sql| tx.prepare_cached(sql).map_err(translate);
        Ok(Self {
            find: prepare(sql!("shape/number"))?,
            add: prepare(sql!("shape/add"))?,
            known: HashMap::new(),
            definition,
        })
    }

    /// The shape of an event, and what of its payload lies in the event.
    pub fn of<'e>(&mut self, event: &'e Event) -> Result<(i64, Cow<'e, str>)> {
        if let Some(Parts { names, values }) = shape::apart(&event.payload)
            && let Some(no) = self.number(&event.event_type, &names)?
        {
            return Ok((no, Cow::Owned(values)));
        }
        let whole = self.number(&event.event_type, WHOLE)?;
        Ok((whole.expect("a type always has this shape"), Cow::Borrowed(&*event.payload)))
    }

    /// Forgets all numbers, as part of the transaction was taken back.
    pub fn forget(&mut self) {
        self.known.clear();
    }

    /// The number of a shape; `None` if it is new and not to be kept: no type declares such fields, or there is no
    /// room for more.
    fn number(&mut self, event_type: &Arc<str>, names: &str) -> Result<Option<i64>> {
        if let Some(no) = self.known.get(event_type).and_then(|of_type| of_type.get(names)) {
            return Ok(Some(*no));
        }
        let find = |find: &mut CachedStatement<'_>| {
            let found = find.query_row(params![&**event_type, names], |row| row.get(0));
            found.optional().map_err(translate)
        };
        let mut found = find(&mut self.find)?;
        if found.is_none() && self.may_add(event_type, names) {
            let most = i64::try_from(PAYLOAD_SHAPES_MAX).unwrap_or(i64::MAX);
            self.add.execute(params![&**event_type, names, most]).map_err(translate)?;
            found = find(&mut self.find)?;
        }
        if let Some(no) = found {
            let of_type = self.known.entry(Arc::clone(event_type)).or_default();
            of_type.insert(names.to_owned(), no);
        }
        Ok(found)
    }
}

impl Shapes<'_> {
    fn may_add(&self, event_type: &str, names: &str) -> bool {
        let declared = self.definition.events.get(event_type);
        names == WHOLE || declared.is_some_and(|declared| shape::is_declared(names, declared))
    }
}

/// Gives a connection the function `payload_of(names, payload)`: the payload as it was before it was taken apart.
pub(crate) fn register(connection: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    let registered =
        connection.create_scalar_function("payload_of", 2, flags, |context| payload_of(context));
    registered.map_err(translate)
}

fn payload_of(context: &Context<'_>) -> rusqlite::Result<String> {
    let text = |place| {
        let text = context.get_raw(place).as_str();
        text.map_err(|error| rusqlite::Error::UserFunctionError(Box::new(error)))
    };
    let (names, payload) = (text(0)?, text(1)?);
    Ok(if names == WHOLE { payload.to_owned() } else { shape::together(names, payload) })
}

//! Values of statements with their types.
//!
//! Every statement is told the types of its values instead of asking the server for them: behind a
//! pooler a statement is sent whole, in one message, because what was asked before may have been
//! answered by another server.

use std::borrow::Cow;

use scoreline_core::store::values::{Value as Given, Values};
use tokio_postgres::types::{ToSql, Type};
use uuid::Uuid;

use crate::rows::storable;

/// A value of a statement.
pub(crate) type Param<'v> = &'v (dyn Value + Sync);

/// What can be a value of a statement.
pub(crate) trait Value: ToSql {
    /// Its type in SQL.
    fn type_in_sql(&self) -> Type;
}

/// What has one type in SQL.
pub(crate) trait Typed: ToSql {
    const TYPE: Type;
    /// The type of a list of them.
    const LIST: Type;
}

impl<T: Typed> Value for T {
    fn type_in_sql(&self) -> Type {
        T::TYPE
    }
}

macro_rules! types {
    ($($rust:ty => $one:ident, $list:ident;)*) => {
        $(impl Typed for $rust {
            const TYPE: Type = Type::$one;
            const LIST: Type = Type::$list;
        })*
    };
}

types! {
    i64 => INT8, INT8_ARRAY;
    i32 => INT4, INT4_ARRAY;
    bool => BOOL, BOOL_ARRAY;
    String => TEXT, TEXT_ARRAY;
    &str => TEXT, TEXT_ARRAY;
    Cow<'_, str> => TEXT, TEXT_ARRAY;
    Uuid => UUID, UUID_ARRAY;
    Vec<u8> => BYTEA, BYTEA_ARRAY;
}

impl<T: Typed> Typed for Option<T> {
    const TYPE: Type = T::TYPE;
    const LIST: Type = T::LIST;
}

impl<T: Typed> Typed for Vec<T> {
    const TYPE: Type = T::LIST;
    /// There are no lists of lists.
    const LIST: Type = Type::UNKNOWN;
}

/// Values that core has put together.
pub(crate) struct Bound<'v>(Vec<Box<dyn Value + Send + Sync + 'v>>);

/// The values of a statement as PostgreSQL takes them: texts lose what it cannot hold.
pub(crate) fn bind(values: Values<'_>) -> Bound<'_> {
    let bound = values.into_iter().map(|value| -> Box<dyn Value + Send + Sync> {
        match value {
            Given::Integer(number) => Box::new(number),
            Given::Truth(truth) => Box::new(truth),
            Given::Text(text) => Box::new(text.map(storable)),
            Given::Id(id) => Box::new(id),
            Given::Numbers(numbers) => Box::new(numbers),
        }
    });
    Bound(bound.collect())
}

impl Bound<'_> {
    /// As they are given to a session.
    pub fn all(&self) -> Vec<Param<'_>> {
        self.0.iter().map(|value| &**value as Param<'_>).collect()
    }
}

/// The values of a statement, in order.
macro_rules! values {
    ($($value:expr),* $(,)?) => {
        &[$(&$value as &(dyn $crate::value::Value + Sync)),*] as &[$crate::value::Param<'_>]
    };
}
pub(crate) use values;

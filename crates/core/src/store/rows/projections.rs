//! Rows of projections.

use super::{Columns, Stored};
use crate::fold::{Filling, Meaning, Projection, ProjectionKind};
use crate::id::{ProjectionNo, Slot};
use crate::reconcile::Retired;
use crate::store::DroppedSlot;

/// The kind of a projection by its name.
impl Stored for ProjectionKind {
    const WIDTH: usize = 1;

    fn read<R: Columns>(row: &R, column: usize) -> Result<Self, R::Error> {
        let name = row.text(column)?;
        let unknown = || row.damaged(column, format!("{name:?} is no kind of projection"));
        Self::from_name(name).ok_or_else(unknown)
    }
}

/// The columns of `projection/retired`, with which those of `projection/list` begin.
impl Stored for Retired {
    const WIDTH: usize = 4;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        Ok(Self {
            no: ProjectionNo(row.integer(first)?),
            kind: ProjectionKind::read(row, first + 1)?,
            name: row.shared_text(first + 2)?,
            fingerprint: row.text(first + 3)?.to_owned(),
        })
    }
}

/// The columns of `slot/next_dropped`.
impl Stored for DroppedSlot {
    const WIDTH: usize = 3;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        let (slot, kind, swept_player) = Stored::read(row, first)?;
        Ok(Self { slot, kind, swept_player })
    }
}

/// The columns of `projection/list`.
impl Stored for Projection {
    const WIDTH: usize = 9;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        let Retired { no, kind, name, fingerprint } = Stored::read(row, first)?;
        let filling = row.maybe_integer(first + 6)?;
        let meaning = Meaning::from_text(kind, row.text(first + 7)?);
        Ok(Self {
            no,
            kind,
            name,
            fingerprint,
            meaning: meaning.map_err(|error| row.damaged(first + 7, error.to_string()))?,
            slot: Slot(row.integer(first + 4)?),
            complete: row.truth(first + 5)?,
            pending: row.truth(first + 8)?,
            filling: filling.map(|slot| Filling { slot: Slot(slot) }),
        })
    }
}

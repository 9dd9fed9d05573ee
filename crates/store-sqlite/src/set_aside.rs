//! Keeping what is set aside within its bounds.

use async_trait::async_trait;
use scoreline_core::store::{Counts, LetGo, Measured, Result, SetAside, SetAsideStore, Size};
use scoreline_core::time::Timestamp;

use crate::state;
use crate::statement::{bind, first, list, sql};
use crate::store::SqliteStore;

#[async_trait]
impl SetAsideStore for SqliteStore {
    async fn measure_set_aside(&self, place: SetAside) -> Result<Measured> {
        let measure = match place {
            SetAside::Quarantine => sql!("quarantine/measure"),
            SetAside::Dead => sql!("dead/measure"),
        };
        self.read(move |connection| {
            Ok(first(connection, measure, bind(place.measuring()))?.unwrap_or_default())
        })
        .await
    }

    async fn let_go(&self, place: SetAside, which: LetGo) -> Result<Size> {
        let remove = match place {
            SetAside::Quarantine => sql!("quarantine/let_go"),
            SetAside::Dead => sql!("dead/let_go"),
        };
        self.change_to_make_room(move |tx| {
            let gone: Vec<(u64, bool)> = list(tx, remove, bind(which.values()))?;
            state::count(tx, Counts::without(place, &gone), Timestamp::MIN)?;
            Ok(Size::of(&gone))
        })
        .await
    }
}

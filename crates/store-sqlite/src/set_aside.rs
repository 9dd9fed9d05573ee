//! Keeping what is set aside within its bounds.

use async_trait::async_trait;
use scoreline_core::question_text;
use scoreline_core::store::values::Values;
use scoreline_core::store::{
    Counts, DeadStore, LetGo, QuarantineStore, Result, SetAside, SetAsideStore, Size,
};
use scoreline_core::time::Timestamp;

use crate::state;
use crate::statement::{bind, carry_out, list, sql};
use crate::store::SqliteStore;

impl DeadStore for SqliteStore {}

impl QuarantineStore for SqliteStore {}

#[async_trait]
impl SetAsideStore for SqliteStore {
    async fn give_up(&self, place: SetAside, values: Values<'static>) -> Result<u64> {
        self.change_to_make_room(move |tx| {
            let given_up = carry_out(tx, [place.give_up(values)])?;
            state::count(tx, Counts::given_up(place, given_up), Timestamp::MIN)?;
            Ok(given_up)
        })
        .await
    }

    async fn let_go(&self, place: SetAside, which: LetGo) -> Result<Size> {
        self.change_to_make_room(move |tx| {
            let remove = question_text!(place.let_go(), sql);
            let gone: Vec<(u64, bool)> = list(tx, remove, bind(which.values()))?;
            state::count(tx, Counts::without(place, &gone), Timestamp::MIN)?;
            Ok(Size::of(&gone))
        })
        .await
    }
}

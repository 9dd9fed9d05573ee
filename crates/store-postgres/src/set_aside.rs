//! Keeping what is set aside within its bounds.

use async_trait::async_trait;
use scoreline_core::question_text;
use scoreline_core::store::values::Values;
use scoreline_core::store::{
    Counts, DeadStore, LetGo, QuarantineStore, Result, SetAside, SetAsideStore, Size,
};
use scoreline_core::time::Timestamp;

use crate::rows;
use crate::session::sql;
use crate::state;
use crate::store::PostgresStore;
use crate::value::bind;

impl DeadStore for PostgresStore {}

impl QuarantineStore for PostgresStore {}

#[async_trait]
impl SetAsideStore for PostgresStore {
    async fn give_up(&self, place: SetAside, values: Values<'static>) -> Result<u64> {
        self.write(move |database| async move {
            let tx = state::begin(&database).await?;
            let given_up = tx.carry_out([place.give_up(values)]).await?;
            tx.count(Counts::given_up(place, given_up), Timestamp::MIN).await?;
            tx.commit().await?;
            Ok(given_up)
        })
        .await
    }

    async fn let_go(&self, place: SetAside, which: LetGo) -> Result<Size> {
        self.write(move |database| async move {
            let tx = state::begin(&database).await?;
            let (remove, chosen) = (question_text!(place.let_go(), sql), bind(which.values()));
            let gone: Vec<(u64, bool)> = tx.list(remove, &chosen.all(), rows::read).await?;
            tx.count(Counts::without(place, &gone), Timestamp::MIN).await?;
            tx.commit().await?;
            Ok(Size::of(&gone))
        })
        .await
    }
}

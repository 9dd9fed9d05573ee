//! Keeping what is set aside within its bounds.

use async_trait::async_trait;
use scoreline_core::store::{Counts, LetGo, Measured, Result, SetAside, SetAsideStore, Size};
use scoreline_core::time::Timestamp;

use crate::rows;
use crate::session::sql;
use crate::state;
use crate::store::PostgresStore;
use crate::value::bind;

#[async_trait]
impl SetAsideStore for PostgresStore {
    async fn measure_set_aside(&self, place: SetAside) -> Result<Measured> {
        let measure = match place {
            SetAside::Quarantine => sql!("quarantine/measure"),
            SetAside::Dead => sql!("dead/measure"),
        };
        self.read(move |session| async move {
            let values = bind(place.measuring());
            let found = session.list(measure, &values.all(), rows::read).await?;
            Ok(found.into_iter().next().unwrap_or_default())
        })
        .await
    }

    async fn let_go(&self, place: SetAside, which: LetGo) -> Result<Size> {
        let remove = match place {
            SetAside::Quarantine => sql!("quarantine/let_go"),
            SetAside::Dead => sql!("dead/let_go"),
        };
        self.write(move |database| async move {
            let tx = state::begin(&database).await?;
            let chosen = bind(which.values());
            let gone: Vec<(u64, bool)> = tx.list(remove, &chosen.all(), rows::read).await?;
            tx.count(Counts::without(place, &gone), Timestamp::MIN).await?;
            tx.commit().await?;
            Ok(Size::of(&gone))
        })
        .await
    }
}

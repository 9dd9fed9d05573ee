//! Following the change feed of the store, so that the boards of this node show what any node commits.
//!
//! A node takes a position, loads, and then hears what came after. If it lost the thread, it takes a
//! new position and loads anew what it holds, which answers meanwhile as of the last commit heard.

use std::time::Duration;

use scoreline_core::ban::PlayerBan;
use scoreline_core::erasure::Tombstone;
use scoreline_core::feed::{Change, Commit, Heard, Position};
use scoreline_core::id::PlayerId;
use scoreline_core::limits::LOADED_AT_ONCE;
use scoreline_core::rank::{PlayerName, Update};
use scoreline_core::session::Revocations;
use scoreline_core::store::Applied;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::ranks::{Ranks, RanksError};

/// After a failure, the feed is asked again: as soon as that, so that a node has caught up shortly after
/// its database is back.
const RETRY: Duration = Duration::from_millis(250);

impl Ranks {
    /// Shows a commit of this node at once. The feed tells of it too, and then there is nothing to do.
    pub async fn publish(&self, applied: &Applied) {
        let Some(commit) = &applied.told else { return };
        let updates: Vec<&Update> = applied.updates().collect();
        self.boards.set(&updates).await;
        self.reviewed.note(commit.changes.iter().filter_map(|change| match change {
            Change::Review { player } => Some(player.clone()),
            _ => None,
        }));
        self.following.note_published(commit.no);
    }

    /// Hears all that was committed by now, by this node or any other. At first, and where the thread
    /// was lost, loads the names and all boards that are held.
    pub async fn catch_up(&self) -> Result<(), RanksError> {
        let mut position = self.following.position.lock().await;
        let began = Instant::now();
        let heard = match &*position {
            None => Heard::Lost,
            Some(position) => self.store.changes_after(position).await?,
        };
        match heard {
            Heard::Commits { commits, position: next } => {
                for commit in &commits {
                    self.bury(commit).await?;
                    self.take_over(commit).await;
                }
                *position = Some(next);
                if let Some(since) = self.reviewed.too_many_since() {
                    self.load_reviewed().await?;
                    self.reviewed.forget_until(since);
                }
            }
            Heard::Lost => {
                if position.take().is_some() {
                    tracing::info!(
                        "the change feed does not reach back; the boards are loaded anew"
                    );
                }
                *position = Some(self.load_anew().await?);
            }
        }
        self.following.note_heard(began);
        Ok(())
    }

    /// Follows the feed for ever. While the store is away, it is asked again and again.
    pub async fn follow(&self) {
        let mut is_away = false;
        loop {
            let outcome = self.catch_up().await;
            if outcome.is_err() != is_away {
                is_away = outcome.is_err();
                match &outcome {
                    Ok(()) => tracing::info!("the boards follow the database again"),
                    Err(error) => tracing::warn!(
                        ranks.error = %error,
                        "the boards cannot follow the database and are as of the last commit heard"
                    ),
                }
            }
            let position = self.following.position.lock().await.clone();
            match (outcome, position) {
                (Ok(()), Some(position)) => self.store.listen(&position).await,
                _ => tokio::time::sleep(RETRY).await,
            }
        }
    }

    /// Tells when the plan may have changed: the value grows.
    pub fn plan_changes(&self) -> watch::Receiver<u64> {
        self.following.plan_changes()
    }

    async fn take_over(&self, commit: &Commit) {
        let mut updates: Vec<&Update> = Vec::new();
        let mut names: Vec<PlayerName> = Vec::new();
        let mut bans: Vec<PlayerBan> = Vec::new();
        let mut revoked: Vec<Revocations> = Vec::new();
        let mut reviewed: Vec<PlayerId> = Vec::new();
        let is_shown = self.following.take_published(commit.no);
        for change in &*commit.changes {
            match change {
                Change::Entry(_) if is_shown => {}
                Change::Entry(update) => updates.push(update),
                Change::Name(name) => names.push(name.clone()),
                Change::Ban(ban) => bans.push(ban.clone()),
                Change::Sessions(one) => revoked.push(one.clone()),
                Change::Review { player } => reviewed.push(player.clone()),
                Change::Plan { .. } => self.following.note_plan_change(),
                // Nothing is held of these, or it was taken over before.
                Change::Erased(_)
                | Change::Tournament { .. }
                | Change::Claim { .. }
                | Change::Prize { .. }
                | Change::Removal { .. } => {}
            }
        }
        self.boards.set(&updates).await;
        self.boards.set_names(&names);
        self.boards.set_bans(&bans).await;
        self.revoked.set(&revoked);
        self.reviewed.note(reviewed);
    }

    /// Takes over who was erased. Fails where the key of the first tombstone cannot be read: then the commit
    /// is heard again.
    async fn bury(&self, commit: &Commit) -> Result<(), RanksError> {
        let tombstones: Vec<Tombstone> = commit
            .changes
            .iter()
            .filter_map(|change| match change {
                Change::Erased(tombstone) => Some(*tombstone),
                _ => None,
            })
            .collect();
        if !tombstones.is_empty() {
            if !self.erased.has_key() {
                self.erased.set_key(self.store.erasure_key().await?);
            }
            self.erased.add(&tombstones);
        }
        Ok(())
    }

    async fn load_erased(&self) -> Result<(), RanksError> {
        self.erased.set_key(self.store.erasure_key().await?);
        let mut after = None;
        loop {
            let tombstones = self.store.tombstones(after, LOADED_AT_ONCE).await?;
            self.erased.add(&tombstones);
            after = tombstones.last().copied();
            if tombstones.len() < LOADED_AT_ONCE {
                return Ok(());
            }
        }
    }

    async fn load_bans(&self) -> Result<(), RanksError> {
        let mut after = None;
        loop {
            let bans = self.store.bans(after, LOADED_AT_ONCE).await?;
            self.boards.set_bans(&bans).await;
            after = bans.last().map(|last| last.player.clone());
            if bans.len() < LOADED_AT_ONCE {
                return Ok(());
            }
        }
    }

    async fn load_reviewed(&self) -> Result<(), RanksError> {
        let mut after = None;
        loop {
            let players = self.store.players_in_review(after, LOADED_AT_ONCE).await?;
            let is_last = players.len() < LOADED_AT_ONCE;
            after = players.last().cloned();
            self.reviewed.note(players);
            if is_last {
                return Ok(());
            }
        }
    }

    async fn load_revocations(&self) -> Result<(), RanksError> {
        let mut after = None;
        loop {
            let revoked = self.store.revocations(after, LOADED_AT_ONCE).await?;
            self.revoked.set(&revoked);
            after = revoked.last().map(|last| last.player.clone());
            if revoked.len() < LOADED_AT_ONCE {
                return Ok(());
            }
        }
    }

    /// Takes a position, then loads all names, bans, revocations and tombstones, and what boards are held.
    async fn load_anew(&self) -> Result<Position, RanksError> {
        let position = self.store.position().await?;
        self.following.forget_published();
        let mut after = None;
        loop {
            let names = self.store.names(after, LOADED_AT_ONCE).await?;
            self.boards.set_names(&names);
            after = names.last().map(|last| last.player.clone());
            if names.len() < LOADED_AT_ONCE {
                break;
            }
        }
        self.load_bans().await?;
        self.load_revocations().await?;
        self.load_erased().await?;
        self.load_reviewed().await?;
        for (board, _) in self.boards.loaded() {
            self.reload(board).await?;
        }
        self.following.note_plan_change();
        Ok(position)
    }
}

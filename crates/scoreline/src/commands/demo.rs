//! `scoreline serve --demo`: simulated players on the server that was just started.

use std::net::SocketAddr;

use anyhow::ensure;
use clap::{Args, value_parser};
use scoreline_core::game::Definition;
use scoreline_server::{AuthMode, Config};
use scoreline_traffic::client::Target;
use scoreline_traffic::demo::{DemoOptions, Happening, play};

use crate::output::say;

/// The board that simulated players play on.
const BOARD: &str = "global";

// The arguments of `serve` hold these, and two groups of one name are refused.
#[derive(Args)]
#[group(skip)]
pub struct Arguments {
    /// Adds simulated players and a tournament that lasts minutes
    #[arg(long)]
    demo: bool,
    /// How many simulated players, 1 to 10000
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = value_parser!(u32).range(1..=10_000))]
    demo_players: u32,
    /// The same seed plays the same games
    #[arg(long, value_name = "N", default_value_t = 28)]
    demo_seed: u64,
}

impl Arguments {
    /// The demo, if it was asked for.
    pub fn demo(self) -> Option<Demo> {
        self.demo.then_some(Demo { players: self.demo_players, seed: self.demo_seed })
    }
}

/// Simulated players.
#[derive(Debug, Clone, Copy)]
pub struct Demo {
    players: u32,
    seed: u64,
}

impl Demo {
    /// Refuses settings under which simulated players could not play: they know the sample game only,
    /// and hold no secrets.
    pub fn fits(config: &Config) -> anyhow::Result<()> {
        ensure!(
            config.auth == AuthMode::Open,
            "--demo needs SCORELINE_AUTH=open: simulated players have no tokens"
        );
        let Some(path) = &config.game else { return Ok(()) };
        // A file that cannot be read or has mistakes is refused with more words when the server starts.
        let read =
            std::fs::read_to_string(path).ok().and_then(|text| Definition::parse(&text).ok());
        read.map_or(Ok(()), |game| Self::knows(&game))
    }

    /// Refuses a game that simulated players do not know, such as that of the data.
    pub fn knows(game: &Definition) -> anyhow::Result<()> {
        let missing =
            Definition::sample().events.into_keys().find(|kind| !game.events.contains_key(kind));
        ensure!(
            missing.is_none() && game.boards.contains_key(BOARD),
            "--demo plays the sample game, whose events and board {BOARD:?} the game {:?} does not \
             have: leave out SCORELINE_GAME, and name another data directory",
            game.game.name
        );
        Ok(())
    }

    /// Plays until the server stops.
    pub async fn play(self, address: SocketAddr, admin_token: String) {
        let target = Target::parse(&address.to_string()).expect("a socket's address has a port");
        let mut options = DemoOptions::new(target, Some(admin_token));
        options.players = self.players as usize;
        options.seed = self.seed;
        // The demo plays on where nobody can read of it.
        let _ = say!("{} simulated players play, an hour of theirs each minute:\n", self.players);
        let Err(error) = play(options, |happening| {
            let _ = say!("  {}", tell(&happening));
        })
        .await;
        tracing::error!(%error, "the demo cannot play");
    }
}

fn tell(happening: &Happening) -> String {
    match happening {
        Happening::TournamentOpened { name, ends_at } => {
            format!("{name} has begun and ends at {ends_at}")
        }
        Happening::Climbed { nickname, rank, before: Some(before), score } => {
            format!("{nickname} climbs from {before} to {rank} with {score} points")
        }
        Happening::Climbed { nickname, rank, before: None, score } => {
            format!("{nickname} enters the board at {rank} with {score} points")
        }
        Happening::TournamentClosed { name, winners } => {
            let winners: Vec<String> =
                winners.iter().map(|(nickname, score)| format!("{nickname} ({score})")).collect();
            format!("{name} is over: {}", winners.join(", "))
        }
        Happening::PrizeClaimed { nickname, rank, coins, gems } => {
            format!("{nickname} claims the prize of rank {rank}: {coins} coins, {gems} gems")
        }
        Happening::PastTold { players, events } => {
            format!("{players} players have a past of a month now: {events} events")
        }
        Happening::EventsSent { events } => format!("{events} events sent so far"),
        Happening::Trouble { what } => format!("trouble: {what}; it will be tried again"),
    }
}

//! `scoreline serve --demo`: simulated players on the server that was just started.

use std::net::SocketAddr;

use clap::ArgMatches;
use scoreline_traffic::client::Target;
use scoreline_traffic::demo::{DemoOptions, Happening, play};

use crate::output::say;

/// What was asked for.
#[derive(Debug, Clone, Copy)]
pub struct Demo {
    players: u32,
    seed: u64,
}

/// The demo, if `--demo` was typed.
pub fn options(matches: &ArgMatches) -> Option<Demo> {
    // Without a command there are no flags of `serve`.
    let wanted = matches.try_get_one::<bool>("demo").ok().flatten();
    wanted.is_some_and(|wanted| *wanted).then(|| Demo {
        players: *matches.get_one("demo-players").expect("it has a default"),
        seed: *matches.get_one("demo-seed").expect("it has a default"),
    })
}

impl Demo {
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
        Happening::EventsSent { events } => format!("{events} events sent so far"),
        Happening::Trouble { what } => format!("trouble: {what}; it will be tried again"),
    }
}

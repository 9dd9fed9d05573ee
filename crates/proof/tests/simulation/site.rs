//! A server on SQLite with a virtual clock, within the test.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use scoreline_core::game::Definition;
use scoreline_core::time::Timestamp;
use scoreline_proof::{ClockFile, Options, Place, Report, Simulation};
use scoreline_server::{Config, Server, Substitutes, clock_of};
use scoreline_traffic::client::Target;
use tempfile::TempDir;

const TOKEN: &str = "the-token-of-the-simulation";

/// A server, and a place to play.
pub struct Site {
    server: Server,
    folder: TempDir,
    place: Option<Place>,
}

impl Site {
    /// Starts a server of a game, as its settings make it but for some parts.
    pub async fn start(definition: &Definition, start: &str, substitutes: Substitutes) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        let text = |path: PathBuf| path.to_str().expect("a plain path").to_owned();
        std::fs::write(path("game.toml"), &*definition.source).expect("written");
        let start = Timestamp::parse(start).expect("a time");
        let clock = ClockFile::create(&path("clock"), start).expect("a clock");
        let settings = BTreeMap::from([
            ("port".to_owned(), "0".to_owned()),
            ("admin_token".to_owned(), TOKEN.to_owned()),
            ("data_dir".to_owned(), text(path("data"))),
            ("game".to_owned(), text(path("game.toml"))),
            ("virtual_clock".to_owned(), text(path("clock"))),
        ]);
        let config = Config::read(&settings, &BTreeMap::new(), Path::new(""), false);
        let config = config.expect("the settings are valid");
        let own_clock = clock_of(&config).expect("a clock");
        let server = Server::start_with(&config, own_clock, substitutes).await.expect("it starts");
        let target = Target::parse(&server.address().to_string()).expect("an address");
        let operator = target.clone().with_token(TOKEN).expect("a token");
        let place = Place {
            target,
            operator: Some(operator),
            clock: Some(clock),
            start,
            is_alone: true,
            cup_length_ms: None,
        };
        Self { server, folder, place: Some(place) }
    }

    /// Players of so many days who are about to come.
    pub fn simulation(&mut self, definition: Definition, options: Options) -> Simulation {
        let place = self.place.take().expect("it is played on once");
        let stop = Arc::new(AtomicBool::new(false));
        Simulation::new(definition, options, place, (Arc::new(|_| {}), stop))
    }

    /// Plays, and ends the server.
    pub async fn play(mut self, definition: Definition, options: Options) -> Report {
        let played = self.simulation(definition, options).play().await;
        self.end().await;
        played.expect("it is played to the end")
    }

    /// The database.
    pub fn database(&self) -> PathBuf {
        self.folder.path().join("data").join("scoreline.db")
    }

    /// Ends the server.
    pub async fn end(self) {
        assert!(self.server.shutdown().await, "it comes to rest");
    }
}

/// A few hundred players of a day.
pub fn options(daily_players: u32, days: u16) -> Options {
    Options { daily_players, days, seed: 11, connections: 16 }
}

//! Plays runs of the simulation: many in search of a mistake, or one to look at it.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use scoreline_simulation::run::{How, run};

/// Plays a whole Scoreline in one thread from seeds, and says which go wrong.
#[derive(Parser)]
struct Arguments {
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many runs, each of the next seed.
    #[arg(long, default_value_t = 1)]
    runs: u64,
    /// For how many seconds at the most.
    #[arg(long, default_value_t = 3_600)]
    seconds: u64,
    /// Prints all that happens.
    #[arg(long)]
    told: bool,
}

#[expect(clippy::disallowed_methods, reason = "how long a search takes is real time")]
fn main() -> ExitCode {
    let Arguments { seed, runs, seconds, told } = Arguments::parse();
    let (began, longest) = (Instant::now(), Duration::from_secs(seconds));
    let (mut played, mut wrong) = (0, 0);
    for seed in seed..seed.saturating_add(runs) {
        if began.elapsed() > longest {
            break;
        }
        let outcome = run(seed, How { is_told: told, sabotage: None });
        played += 1;
        if !outcome.complaints.is_empty() || told {
            println!("{outcome}");
        }
        wrong += u64::from(!outcome.complaints.is_empty());
    }
    let seconds = began.elapsed().as_secs_f64();
    let a_minute = f64::from(played) * 60.0 / seconds;
    println!("{played} runs in {seconds:.1} s, {a_minute:.0} a minute; {wrong} went wrong");
    if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

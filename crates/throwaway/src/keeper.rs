//! Nothing is left behind: a shell that outlives the process that started a server.
//!
//! The keeper is the parent of the server. It does what is written to its standard input, and when the
//! other end of that pipe is gone, however its holder died, it ends the server and removes the folder.
//! Signals for the process group of its holder, such as Ctrl-C in a terminal, are not for it.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::{Error, Result, succeed};

/// `start` starts the server and answers its process id, and `ready`, in either order. Any other word is
/// a signal that ends the server; the answer comes when it has ended. The shell runs in the folder. What
/// it ignores the server would ignore too, so that the server is started with signals as they are by
/// default; before it is ready, a signal would be lost.
const SCRIPT: &str = r#"trap "" INT TERM HUP
pid=
while read -r word; do
  if [ "$word" = start ]; then
    (trap - INT TERM HUP; echo ready; exec "$@" >>log 2>&1) &
    pid=$!
    echo "$pid"
  else
    kill -s "$word" "$pid"
    wait "$pid"
    pid=
    echo ended
  fi
done
if [ -n "$pid" ]; then
  kill -s "$LAST" "$pid"
  wait "$pid"
fi
rm -rf "$FOLDER""#;

/// Keeps one server with its folder. Dropping it ends both.
pub struct Keeper {
    shell: Child,
    told: Mutex<Told>,
}

/// The way to the shell, and the process that runs.
struct Told {
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    pid: Option<u32>,
}

impl Keeper {
    /// Keeps the server that `command` starts, and `folder`, an absolute path. `last` is the signal that
    /// ends the server when nobody needs it any more. Nothing is started yet.
    pub fn of(command: &Command, folder: &Path, last: &str) -> Result<Self> {
        let mut shell = Command::new("sh")
            .args(["-c", SCRIPT, "keeper"])
            .arg(command.get_program())
            .args(command.get_args())
            .env("FOLDER", folder)
            .env("LAST", last)
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(Error::system("a shell"))?;
        let input = shell.stdin.take();
        let output = BufReader::new(shell.stdout.take().expect("it was asked for"));
        Ok(Self { shell, told: Mutex::new(Told { input, output, pid: None }) })
    }

    /// Starts the server. Answers its process id.
    pub fn start(&self) -> Result<u32> {
        let mut told = self.told();
        let (first, second) = (told.ask("start")?, told.hear()?);
        let answer = if first == "ready" { second } else { first };
        let pid = answer.parse().map_err(|_| Error::Failed {
            program: "the shell that keeps a server".to_owned(),
            said: answer,
        })?;
        told.pid = Some(pid);
        Ok(pid)
    }

    /// Ends the server by a signal such as `KILL`, and waits until it has ended. Does nothing if it
    /// does not run.
    pub fn end(&self, signal: &str) -> Result<()> {
        let mut told = self.told();
        if told.pid.take().is_some() {
            told.ask(signal)?;
        }
        Ok(())
    }

    /// Sends the server a signal that does not end it, such as `STOP`.
    pub fn signal(&self, name: &str) -> Result<()> {
        let Some(pid) = self.pid() else { return Ok(()) };
        succeed(Command::new("kill").args(["-s", name, &pid.to_string()])).map(drop)
    }

    /// The process id of the server, between its start and its end.
    pub fn pid(&self) -> Option<u32> {
        self.told().pid
    }

    /// Whether the server has ended without being told to, as far as the system shows it.
    pub fn has_ended(&self) -> bool {
        let Some(pid) = self.pid() else { return true };
        let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else {
            // The shell has fetched it already, if this system shows processes at all.
            return Path::new("/proc/self").exists();
        };
        // After the name of the program, which may hold anything, comes the state.
        let state = stat.rsplit_once(')').and_then(|(_, rest)| rest.split_whitespace().next());
        state == Some("Z")
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Told {
    fn ask(&mut self, word: &str) -> Result<String> {
        let mut line = String::new();
        writeln!(line, "{word}").expect("a text grows");
        let input = self.input.as_mut().expect("it is open until the keeper is dropped");
        input.write_all(line.as_bytes()).map_err(Error::system("the shell that keeps a server"))?;
        self.hear()
    }

    fn hear(&mut self) -> Result<String> {
        let mut line = String::new();
        let read = self.output.read_line(&mut line);
        read.map_err(Error::system("the shell that keeps a server"))?;
        Ok(line.trim().to_owned())
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.told().input.take());
        // The server and its folder are gone when the shell is.
        let _ = self.shell.wait();
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    fn keeper(folder: &Path, words: &[&str]) -> Keeper {
        let mut command = Command::new(words[0]);
        command.args(&words[1..]);
        Keeper::of(&command, folder, "KILL").expect("a shell")
    }

    fn runs(pid: u32) -> bool {
        Command::new("kill").args(["-0", &pid.to_string()]).output().expect("kill").status.success()
    }

    #[test]
    fn a_server_ends_with_its_keeper_and_its_folder_is_removed() {
        let folder = tempfile::tempdir().expect("a folder").keep();
        let keeper = keeper(&folder, &["sh", "-c", "echo started; exec sleep 600"]);
        assert_eq!(keeper.pid(), None);
        let pid = keeper.start().expect("starts");
        assert!(runs(pid) && !keeper.has_ended());
        // What is stopped must end, too.
        keeper.signal("STOP").expect("arrives");
        drop(keeper);
        assert!(!runs(pid));
        assert!(!folder.exists());
    }

    #[test]
    fn a_server_ends_by_a_signal_and_starts_again_where_it_was() {
        let folder = tempfile::tempdir().expect("a folder").keep();
        let keeper = keeper(&folder, &["sleep", "600"]);
        let first = keeper.start().expect("starts");
        keeper.end("TERM").expect("ends");
        assert!(!runs(first) && keeper.pid().is_none());
        keeper.end("TERM").expect("there is nothing to do");
        let second = keeper.start().expect("starts again");
        assert!(second != first && runs(second) && folder.join("log").exists());
    }

    #[test]
    fn a_server_that_ends_by_itself_is_noticed() {
        let folder = tempfile::tempdir().expect("a folder").keep();
        let keeper = keeper(&folder, &["true"]);
        keeper.start().expect("starts");
        let begun = Instant::now();
        while !keeper.has_ended() {
            assert!(begun.elapsed() < Duration::from_secs(30), "it is not noticed");
            std::thread::yield_now();
        }
    }
}

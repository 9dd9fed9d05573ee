//! What systemd hears on its socket, from the start of the server to its end.

use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use crate::support::{DEADLINE, Server, scoreline};

/// How long the service manager of this test waits for a sign of life.
const PATIENCE: Duration = Duration::from_millis(200);

/// The next word that is not just a sign of life.
fn next_word(socket: &UnixDatagram) -> String {
    loop {
        let word = next_datagram(socket);
        if word != "WATCHDOG=1\n" {
            return word;
        }
    }
}

fn next_datagram(socket: &UnixDatagram) -> String {
    let mut buffer = [0; 4_096];
    let length = socket.recv(&mut buffer).expect("the server says something in time");
    String::from_utf8(buffer[..length].to_vec()).expect("text")
}

#[test]
fn the_service_manager_hears_of_start_reload_life_and_stop_in_this_order() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("notify");
    let socket = UnixDatagram::bind(&path).expect("a socket");
    socket.set_read_timeout(Some(DEADLINE)).expect("a deadline");
    let mut command = scoreline(folder.path());
    command.args(["serve", "--port", "0"]).env("NOTIFY_SOCKET", &path);
    command.env("WATCHDOG_USEC", PATIENCE.as_micros().to_string());
    let server = Server::started(folder.path(), command);

    let ready = next_word(&socket);
    assert_eq!(ready, format!("READY=1\nSTATUS=serving on {}\n", server.base));
    assert_eq!(server.get("/api/health")["status"], "healthy", "it was not said too early");
    for _ in 0..3 {
        assert_eq!(next_datagram(&socket), "WATCHDOG=1\n");
    }

    server.signal("HUP");
    let reloading = next_word(&socket);
    assert!(reloading.starts_with("RELOADING=1\nMONOTONIC_USEC="), "{reloading}");
    assert_eq!(next_word(&socket), ready);

    server.signal("TERM");
    let stopping = next_word(&socket);
    assert!(stopping.starts_with("STOPPING=1\n"), "{stopping}");
    assert!(server.wait().success());
}

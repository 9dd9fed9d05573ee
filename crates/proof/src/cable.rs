//! The way between two programs: a forwarder on this machine that can be cut and mended.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::error::{Error, Result};

/// Bytes that are carried at once.
const CHUNK: usize = 64 * 1024;

/// How things get through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Open,
    /// Connections are closed, and new ones too.
    Closed,
    /// Nothing arrives, and nobody is told.
    Silent,
}

#[derive(Debug, Clone, Copy)]
struct State {
    to: SocketAddr,
    way: Way,
}

/// A way that can be cut. It ends with its value.
pub(crate) struct Cable {
    address: SocketAddr,
    state: watch::Sender<State>,
    carrying: JoinHandle<()>,
}

impl Drop for Cable {
    fn drop(&mut self) {
        self.carrying.abort();
    }
}

impl Cable {
    /// A way to an address.
    pub async fn to(address: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(Error::system("a cable"))?;
        let own = listener.local_addr().map_err(Error::system("a cable"))?;
        let (state, seen) = watch::channel(State { to: address, way: Way::Open });
        let carrying = tokio::spawn(async move {
            while let Ok((from, _)) = listener.accept().await {
                let seen = seen.clone();
                tokio::spawn(connect(from, seen));
            }
        });
        Ok(Self { address: own, state, carrying })
    }

    /// Where it begins.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it ends from now on. Connections to where it ended are closed.
    pub fn lead_to(&self, to: SocketAddr) {
        self.state.send_modify(|state| state.to = to);
    }

    /// Cuts it, or mends it.
    pub fn set(&self, way: Way) {
        self.state.send_modify(|state| state.way = way);
    }
}

async fn connect(from: TcpStream, mut seen: watch::Receiver<State>) {
    let State { to, way } = *seen.borrow_and_update();
    if way == Way::Closed {
        return;
    }
    let Ok(there) = TcpStream::connect(to).await else { return };
    // What waits for more would add its wait to every answer.
    let _ = (from.set_nodelay(true), there.set_nodelay(true));
    let ((from_read, from_write), (to_read, to_write)) = (from.into_split(), there.into_split());
    tokio::select! {
        () = carry(from_read, to_write, (seen.clone(), to)) => {}
        () = carry(to_read, from_write, (seen, to)) => {}
    }
}

async fn carry(
    mut from: impl AsyncReadExt + Unpin,
    mut to: impl AsyncWriteExt + Unpin,
    (mut seen, end): (watch::Receiver<State>, SocketAddr),
) {
    let mut chunk = vec![0; CHUNK];
    loop {
        let read = tokio::select! {
            read = from.read(&mut chunk) => read,
            changed = seen.changed() => {
                let state = *seen.borrow_and_update();
                if changed.is_err() || state.way == Way::Closed || state.to != end {
                    return;
                }
                continue;
            }
        };
        let Ok(length @ 1..) = read else { return };
        // While nothing arrives, it waits here.
        let opened = seen.wait_for(|state| state.way != Way::Silent).await;
        let goes_on = opened.is_ok_and(|state| state.way == Way::Open && state.to == end);
        if !goes_on || to.write_all(&chunk[..length]).await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// A server that sends back what it hears.
    async fn echo() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut read, mut write) = stream.split();
                    let _ = tokio::io::copy(&mut read, &mut write).await;
                });
            }
        });
        address
    }

    async fn ask(stream: &mut TcpStream) -> Option<u8> {
        stream.write_all(b"x").await.ok()?;
        let read = tokio::time::timeout(Duration::from_secs(10), stream.read_u8()).await;
        read.ok()?.ok()
    }

    #[tokio::test]
    async fn what_is_cut_is_closed_and_what_is_silent_arrives_later() {
        let cable = Cable::to(echo().await).await.expect("a cable");
        let mut stream = TcpStream::connect(cable.address()).await.expect("open");
        assert_eq!(ask(&mut stream).await, Some(b'x'));
        cable.set(Way::Silent);
        stream.write_all(b"y").await.expect("nobody is told");
        cable.set(Way::Open);
        assert_eq!(stream.read_u8().await.expect("it arrives"), b'y');
        cable.set(Way::Closed);
        assert_eq!(ask(&mut stream).await, None);
        cable.set(Way::Open);
        let mut again = TcpStream::connect(cable.address()).await.expect("open");
        assert_eq!(ask(&mut again).await, Some(b'x'));
    }
}

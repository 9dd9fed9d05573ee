//! A line to a server that can be cut between any two messages of a client.

use std::io;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// What becomes of the message at which a line is cut. The client hears nothing in either case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastMessage {
    /// The server never gets it.
    Lost,
    /// The server gets it and does what it says.
    Delivered,
}

/// How many messages still pass, and what becomes of the one after them.
type Cut = Arc<Mutex<Option<(usize, LastMessage)>>>;

/// A port that leads to a server, without encryption, as long as its runtime lives.
pub struct Line {
    port: u16,
    cut: Cut,
}

impl Line {
    /// A line to the server on a port of this machine.
    pub async fn to(server: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("binds");
        let port = listener.local_addr().expect("is bound").port();
        let cut = Cut::default();
        let plan = Arc::clone(&cut);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, server, Arc::clone(&plan)));
            }
        });
        Self { port, cut }
    }

    /// Where to connect instead of the server.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Cuts the connection whose message comes after this many, once.
    pub fn cut_after(&self, messages: usize, last: LastMessage) {
        *self.cut.lock() = Some((messages, last));
    }

    /// Cancels the cut. Answers whether it was still to come.
    pub fn spare(&self) -> bool {
        self.cut.lock().take().is_some()
    }
}

/// Carries one connection until either side closes it, or it is cut.
async fn carry(client: TcpStream, server: u16, cut: Cut) -> io::Result<()> {
    let server = TcpStream::connect(("127.0.0.1", server)).await?;
    // Small messages go at once.
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let last = tokio::select! {
        answered = tokio::io::copy(&mut from_server, &mut to_client) => return answered.map(|_| ()),
        last = carry_messages(&mut from_client, &mut to_server, &cut) => last?,
    };
    if last == LastMessage::Delivered {
        // The server finishes the work it was given, then learns that the client is gone.
        to_server.shutdown().await?;
        tokio::io::copy(&mut from_server, &mut tokio::io::sink()).await?;
    }
    Ok(())
}

/// Carries what a client says until the cut.
async fn carry_messages(
    from: &mut OwnedReadHalf,
    to: &mut OwnedWriteHalf,
    cut: &Cut,
) -> io::Result<LastMessage> {
    // Only the first message has no kind in front.
    let mut has_kind = false;
    loop {
        let mut message = Vec::new();
        if has_kind {
            message.push(from.read_u8().await?);
        }
        let length = from.read_u32().await?;
        message.extend_from_slice(&length.to_be_bytes());
        let head = message.len();
        // The length counts itself.
        message.resize(head + length as usize - size_of::<u32>(), 0);
        from.read_exact(&mut message[head..]).await?;
        has_kind = true;
        let last = reach(cut);
        if last != Some(LastMessage::Lost) {
            to.write_all(&message).await?;
        }
        if let Some(last) = last {
            return Ok(last);
        }
    }
}

/// Counts a message. Answers what becomes of it if it is the last.
fn reach(cut: &Cut) -> Option<LastMessage> {
    let mut plan = cut.lock();
    let (left, last) = plan.as_mut()?;
    if *left > 0 {
        *left -= 1;
        return None;
    }
    let last = *last;
    *plan = None;
    Some(last)
}

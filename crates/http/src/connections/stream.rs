//! The bytes of one connection, with the deadlines of heads and answers, and a gentle end.

use std::io::{Error, ErrorKind, IoSlice, Result};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use scoreline_core::limits::LINGER_BYTES_MAX;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use super::{Admitted, Connection, Patience};
use crate::turned_away::Reason;

/// Bytes that are thrown away at once when a connection ends.
const DISCARD_BYTES: usize = 8 * 1024;

/// A connection of a client that does not wait for it without end.
pub struct Bounded<S> {
    stream: S,
    admitted: Admitted,
    patience: Patience,
    must_close: bool,
    /// Requests when the state of reading and writing was looked at last.
    seen_requests: u64,
    /// When the head that is arriving must be whole.
    head_by: Option<Instant>,
    /// Since when the client has not taken all that it was sent, and what it took since then.
    unread: Option<(Instant, usize)>,
    reading: Deadline,
    writing: Deadline,
    ending: Option<Ending>,
}

/// The end of a connection whose client may still be sending.
struct Ending {
    until: Instant,
    discarded: usize,
}

/// A timer that is made when it is first needed.
#[derive(Default)]
struct Deadline(Option<Pin<Box<Sleep>>>);

impl Deadline {
    /// Whether `at` has passed; wakes the task when it does.
    fn has_passed(&mut self, at: Instant, cx: &mut Context<'_>) -> bool {
        let timer = self.0.get_or_insert_with(|| Box::pin(sleep_until(at)));
        if timer.deadline() != at {
            timer.as_mut().reset(at);
        }
        timer.as_mut().poll(cx).is_ready()
    }
}

impl<S> Bounded<S> {
    pub(super) fn new(stream: S, admitted: Admitted, patience: Patience) -> Self {
        let head_by = Some(Instant::now() + patience.first_head);
        Self {
            stream,
            admitted,
            patience,
            must_close: false,
            seen_requests: 0,
            head_by,
            unread: None,
            reading: Deadline::default(),
            writing: Deadline::default(),
            ending: None,
        }
    }

    fn connection(&self) -> &Connection {
        &self.admitted.connection
    }

    fn late(&self, reason: Reason) -> Error {
        self.admitted.connections.turned_away.note(reason, Some(self.connection().address));
        ErrorKind::TimedOut.into()
    }

    /// Whether room is needed and nothing is under way here.
    fn is_to_close(&mut self, cx: &mut Context<'_>) -> bool {
        if !self.must_close {
            self.must_close = Pin::new(&mut self.admitted.closed).poll(cx).is_ready();
        }
        self.must_close && !self.connection().is_busy() && self.unread.is_none()
    }

    /// Notices that another request has begun.
    fn look(&mut self) {
        let requests = self.connection().requests();
        if requests != self.seen_requests {
            self.seen_requests = requests;
            self.head_by = None;
            self.unread = None;
        }
    }

    fn wrote(&mut self, cx: &mut Context<'_>, written: Poll<Result<usize>>) -> Poll<Result<usize>> {
        match written {
            Poll::Ready(Ok(bytes)) => {
                if let Some((_, taken)) = &mut self.unread {
                    *taken += bytes;
                }
                Poll::Ready(Ok(bytes))
            }
            Poll::Ready(failed) => Poll::Ready(failed),
            Poll::Pending => {
                let (since, taken) = *self.unread.get_or_insert_with(|| (Instant::now(), 0));
                let until = since + Patience::for_bytes(self.patience.write, taken);
                if self.writing.has_passed(until, cx) {
                    return Poll::Ready(Err(self.late(Reason::SlowReader)));
                }
                Poll::Pending
            }
        }
    }
}

impl<S: AsyncRead + Unpin> Bounded<S> {
    /// Reads what the client still sends and throws it away, until it has seen the end or time is up.
    /// A connection that is closed while something arrives is cut, and the answer with it.
    fn poll_discard(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let until = Instant::now() + self.patience.linger;
        let ending = self.ending.get_or_insert(Ending { until, discarded: 0 });
        let mut scratch = [0; DISCARD_BYTES];
        loop {
            let mut buffer = ReadBuf::new(&mut scratch);
            match Pin::new(&mut self.stream).poll_read(cx, &mut buffer) {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {
                    ending.discarded += buffer.filled().len();
                    if ending.discarded > LINGER_BYTES_MAX || Instant::now() > ending.until {
                        return Poll::Ready(());
                    }
                }
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending if self.reading.has_passed(ending.until, cx) => {
                    return Poll::Ready(());
                }
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Bounded<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        let this = &mut *self;
        if this.is_to_close(cx) {
            return Poll::Ready(Ok(()));
        }
        this.look();
        let before = buffer.filled().len();
        let read = Pin::new(&mut this.stream).poll_read(cx, buffer);
        if this.connection().is_busy() {
            return read;
        }
        if read.is_ready() && buffer.filled().len() > before && this.head_by.is_none() {
            this.head_by = Some(Instant::now() + this.patience.head);
        }
        match this.head_by {
            Some(by) if this.reading.has_passed(by, cx) => {
                Poll::Ready(Err(this.late(Reason::SlowHead)))
            }
            _ => read,
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Bounded<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<Result<usize>> {
        self.look();
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.wrote(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        self.look();
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, pieces);
        self.wrote(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        // All that there was to write has gone.
        self.unread = None;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        if self.ending.is_none() {
            ready!(Pin::new(&mut self.stream).poll_shutdown(cx))?;
            if !self.connection().body_is_open() {
                return Poll::Ready(Ok(()));
            }
        }
        self.poll_discard(cx).map(Ok)
    }
}

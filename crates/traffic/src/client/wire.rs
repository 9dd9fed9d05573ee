//! The answers of an HTTP/1.1 server, off the stream they come on.
//!
//! An answer is read whole, however it is framed: by its length, in chunks, or by the end of the
//! connection. Nothing is read ahead of an answer, because nothing is asked before it is complete.

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use super::{Answer, ClientError};

/// Header lines an answer may have.
const HEADERS_MAX: usize = 64;
/// Bytes the head of an answer may have.
const HEAD_BYTES_MAX: usize = 64 * 1024;
/// Bytes for which there is room at first: more than most answers have.
const ROOM_BYTES: usize = 4 * 1024;

/// A stream and what came on it without being taken yet.
#[derive(Debug)]
pub(super) struct Wire {
    pub stream: TcpStream,
    received: BytesMut,
}

/// What the head of an answer says.
#[derive(Debug, PartialEq, Eq)]
struct Head {
    /// Bytes of the head itself.
    bytes: usize,
    status: u16,
    retry_after_s: Option<u64>,
    body: Framing,
    stays_open: bool,
}

/// Where a body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Framing {
    Bytes(usize),
    Chunks,
    UntilClosed,
}

impl Wire {
    pub fn new(stream: TcpStream) -> Self {
        Self { stream, received: BytesMut::with_capacity(ROOM_BYTES) }
    }

    /// Whether the stream is open and nothing came that nobody asked for.
    pub fn is_quiet(&self) -> bool {
        let read = self.stream.try_read(&mut [0]);
        read.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock)
    }

    /// The next answer, and whether another request may follow on this stream.
    pub async fn answer(&mut self) -> Result<(Answer, bool), ClientError> {
        let head = self.head().await?;
        self.received.advance(head.bytes);
        let body = match head.body {
            Framing::Bytes(length) => {
                self.at_least(length).await?;
                self.take(length)
            }
            Framing::Chunks => self.chunks().await?,
            Framing::UntilClosed => {
                while self.read().await? > 0 {}
                self.take(self.received.len())
            }
        };
        if !self.received.is_empty() {
            return Err(ClientError::NotHttp("more came than the answer holds"));
        }
        let answer = Answer { status: head.status, retry_after_s: head.retry_after_s, body };
        Ok((answer, head.stays_open))
    }

    /// The head of the answer, past those that only tell that it is on its way.
    async fn head(&mut self) -> Result<Head, ClientError> {
        loop {
            match Head::read(&self.received)? {
                Some(head) if head.status < 200 => self.received.advance(head.bytes),
                Some(head) => return Ok(head),
                None if self.received.len() > HEAD_BYTES_MAX => {
                    return Err(ClientError::NotHttp("its head does not end"));
                }
                None => self.more().await?,
            }
        }
    }

    /// A body in chunks. What may follow the last one says nothing that is asked for.
    async fn chunks(&mut self) -> Result<Bytes, ClientError> {
        let mut body = Vec::new();
        loop {
            let size = httparse::parse_chunk_size(&self.received);
            let size = size.map_err(|_| ClientError::NotHttp("the size of a chunk"))?;
            let httparse::Status::Complete((start, length)) = size else {
                self.more().await?;
                continue;
            };
            let length = usize::try_from(length)
                .ok()
                .filter(|length| *length <= isize::MAX.unsigned_abs() / 2)
                .ok_or(ClientError::NotHttp("the size of a chunk"))?;
            self.received.advance(start);
            if length == 0 {
                self.trailer().await?;
                return Ok(body.into());
            }
            self.at_least(length + 2).await?;
            body.extend_from_slice(&self.received[..length]);
            self.received.advance(length + 2);
        }
    }

    /// Passes over the lines after the last chunk, the empty one included.
    async fn trailer(&mut self) -> Result<(), ClientError> {
        loop {
            match self.received.windows(2).position(|two| two == b"\r\n") {
                Some(length) => {
                    self.received.advance(length + 2);
                    if length == 0 {
                        return Ok(());
                    }
                }
                None => self.more().await?,
            }
        }
    }

    fn take(&mut self, length: usize) -> Bytes {
        let body = Bytes::copy_from_slice(&self.received[..length]);
        self.received.advance(length);
        body
    }

    async fn at_least(&mut self, bytes: usize) -> Result<(), ClientError> {
        while self.received.len() < bytes {
            self.more().await?;
        }
        Ok(())
    }

    /// Reads more bytes. An answer that breaks off is an error.
    async fn more(&mut self) -> Result<(), ClientError> {
        match self.read().await? {
            0 => Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into()),
            _ => Ok(()),
        }
    }

    async fn read(&mut self) -> Result<usize, ClientError> {
        self.received.reserve(ROOM_BYTES);
        Ok(self.stream.read_buf(&mut self.received).await?)
    }
}

impl Head {
    /// What the head at the start of `received` says; `None` if it is not complete.
    fn read(received: &[u8]) -> Result<Option<Self>, ClientError> {
        let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
        let mut parsed = httparse::Response::new(&mut headers);
        let read = parsed.parse(received).map_err(|_| ClientError::NotHttp("its head"))?;
        let httparse::Status::Complete(bytes) = read else { return Ok(None) };
        let status = parsed.code.ok_or(ClientError::NotHttp("it has no status"))?;
        let mut head = Self {
            bytes,
            status,
            retry_after_s: None,
            body: Framing::UntilClosed,
            stays_open: parsed.version == Some(1),
        };
        for header in &*parsed.headers {
            head.note(header)?;
        }
        if matches!(status, 100..200 | 204 | 304) {
            head.body = Framing::Bytes(0);
        }
        if head.body == Framing::UntilClosed {
            head.stays_open = false;
        }
        Ok(Some(head))
    }

    fn note(&mut self, header: &httparse::Header<'_>) -> Result<(), ClientError> {
        let is = |name: &str| header.name.eq_ignore_ascii_case(name);
        let text = || std::str::from_utf8(header.value).map_or("", str::trim);
        if is("content-length") {
            let length = text().parse().map_err(|_| ClientError::NotHttp("its length"))?;
            if self.body != Framing::Chunks {
                self.body = Framing::Bytes(length);
            }
        } else if is("transfer-encoding") {
            if !text().eq_ignore_ascii_case("chunked") {
                return Err(ClientError::NotHttp("its encoding is not known"));
            }
            self.body = Framing::Chunks;
        } else if is("connection") && text().eq_ignore_ascii_case("close") {
            self.stays_open = false;
        } else if is("retry-after") {
            self.retry_after_s = text().parse().ok();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;
    use tokio::net::TcpListener;

    use super::*;

    /// What a client makes of an answer that comes in these pieces before the stream ends.
    async fn answer(pieces: &[&str]) -> Result<(Answer, bool), ClientError> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let client = TcpStream::connect(listener.local_addr()?).await?;
        let (mut server, _) = listener.accept().await?;
        server.set_nodelay(true)?;
        let pieces: Vec<String> = pieces.iter().map(|&piece| piece.to_owned()).collect();
        let sent = tokio::spawn(async move {
            for piece in pieces {
                server.write_all(piece.as_bytes()).await?;
                tokio::task::yield_now().await;
            }
            server.shutdown().await
        });
        let answer = Wire::new(client).answer().await;
        // A client that gave up has closed its end; the rest need not arrive.
        let _ = sent.await.expect("it does not panic");
        answer
    }

    async fn body(pieces: &[&str]) -> String {
        let (answer, _) = answer(pieces).await.expect("an answer");
        String::from_utf8(answer.body.to_vec()).expect("a text")
    }

    #[tokio::test]
    async fn a_body_ends_where_its_framing_says() {
        let head = "HTTP/1.1 200 OK\r\n";
        assert_eq!(body(&[head, "Content-Length: 5\r\n\r\nhel", "lo"]).await, "hello");
        assert_eq!(body(&[head, "content-length: 0\r\n\r\n"]).await, "");
        assert_eq!(body(&[head, "\r\nuntil ", "the end"]).await, "until the end");
        let chunked = "Transfer-Encoding: chunked\r\n\r\n";
        assert_eq!(
            body(&[head, chunked, "3\r\nhel\r\n2", "\r\nlo\r", "\n0\r\n\r\n"]).await,
            "hello"
        );
        assert_eq!(body(&[head, chunked, "1;a=b\r\nx\r\n0\r\nEnd: here\r\n\r\n"]).await, "x");
        assert_eq!(body(&["HTTP/1.1 204 No Content\r\n\r\n"]).await, "");
        let early = "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n";
        assert_eq!(body(&[early, head, "content-length: 1\r\n\r\nx"]).await, "x");
    }

    #[tokio::test]
    async fn status_and_retry_after_are_read_and_a_last_answer_is_known_as_such() {
        let busy = "HTTP/1.1 503 Busy\r\nretry-after: 7\r\ncontent-length: 0\r\n";
        let (busy_answer, stays_open) = answer(&[busy, "\r\n"]).await.expect("an answer");
        assert_eq!((busy_answer.status, busy_answer.retry_after_s), (503, Some(7)));
        assert!(stays_open);
        let (_, stays_open) = answer(&[busy, "Connection: Close\r\n\r\n"]).await.expect("one");
        assert!(!stays_open);
        let old = "HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n";
        assert!(!answer(&[old]).await.expect("an answer").1);
    }

    #[tokio::test]
    async fn what_breaks_off_or_is_not_http_is_an_error() {
        let head = "HTTP/1.1 200 OK\r\n";
        let chunked = "transfer-encoding: chunked\r\n\r\n";
        for pieces in [
            &[][..],
            &["HTTP/1.1 200"],
            &["SSH-2.0-OpenSSH\r\n"],
            &[head, "content-length: 5\r\n\r\nhel"],
            &[head, "content-length: five\r\n\r\nhello"],
            &[head, "content-length: 1\r\n\r\ntwo"],
            &[head, "transfer-encoding: gzip\r\n\r\n"],
            &[head, chunked, "z\r\n"],
            &[head, chunked, "ffffffffffffffff\r\n"],
            &[head, chunked, "5\r\nhel"],
            &[head, chunked, "1\r\nx\r\n0\r\n"],
        ] {
            let error = answer(pieces).await.expect_err("no answer");
            assert_eq!(error.kind(), scoreline_core::error::ErrorKind::Broken, "{pieces:?}");
        }
    }
}

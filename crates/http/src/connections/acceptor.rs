//! What stands between the listener and the router: a connection is admitted or refused, and each of
//! its requests is noted from its head to the end of its answer.

use std::io::{Error, ErrorKind, Result};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::http::{Request, Response};
use axum_server::accept::Accept;
use http_body::{Frame, SizeHint};
use tokio::net::TcpStream;
use tower_service::Service;

use super::stream::Bounded;
use super::{Connection, Connections, Patience};

/// What a client reads for which there is no connection.
const REFUSAL: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n\
Connection: close\r\n\r\n";

/// Admits connections.
#[derive(Clone)]
pub struct Acceptor {
    connections: Arc<Connections>,
    patience: Patience,
}

impl Acceptor {
    pub(crate) fn new(connections: Arc<Connections>, patience: Patience) -> Self {
        Self { connections, patience }
    }
}

impl<S> Accept<TcpStream, S> for Acceptor {
    type Stream = Bounded<TcpStream>;
    type Service = Noted<S>;
    type Future = std::future::Ready<Result<(Self::Stream, Self::Service)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        std::future::ready(self.admit(stream, service))
    }
}

impl Acceptor {
    fn admit<S>(&self, stream: TcpStream, service: S) -> Result<(Bounded<TcpStream>, Noted<S>)> {
        let address = stream.peer_addr()?.ip();
        match self.connections.admit(address) {
            Ok(admitted) => {
                let connection = Arc::clone(&admitted.connection);
                let stream = Bounded::new(stream, admitted, self.patience);
                Ok((stream, Noted { service, connection }))
            }
            Err(reason) => {
                self.connections.turned_away.note(reason, Some(address));
                // A new connection takes a few bytes at once; if it does not, it goes without them.
                let _ = stream.try_write(REFUSAL);
                Err(Error::new(ErrorKind::ConnectionRefused, reason.as_str()))
            }
        }
    }
}

/// A service whose requests are noted.
#[derive(Clone)]
pub struct Noted<S> {
    service: S,
    connection: Arc<Connection>,
}

impl<S, B> Service<Request<B>> for Noted<S>
where
    S: Service<Request<B>, Response = Response<Body>>,
    S::Future: Send + 'static,
    B: HttpBody,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future =
        Pin<Box<dyn Future<Output = std::result::Result<Self::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<std::result::Result<(), S::Error>> {
        self.service.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let underway = Underway::new(&self.connection, !request.body().is_end_stream());
        request.extensions_mut().insert(Arc::clone(&self.connection));
        let answer = self.service.call(request);
        Box::pin(async move {
            let answer = answer.await?;
            Ok(answer.map(|body| Body::new(Answer { body, _underway: underway })))
        })
    }
}

/// A request that is being answered, until this is dropped.
struct Underway(Arc<Connection>);

impl Underway {
    fn new(connection: &Arc<Connection>, has_body: bool) -> Self {
        connection.begin(has_body);
        Self(Arc::clone(connection))
    }
}

impl Drop for Underway {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// The body of an answer; its request is under way until it has gone.
struct Answer {
    body: Body,
    _underway: Underway,
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<std::result::Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        HttpBody::size_hint(&self.body)
    }
}

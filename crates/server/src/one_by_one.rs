//! Clients that connect at the same moment come in one after the other.

use tokio::task::yield_now;
use tower::{Service, ServiceExt};

/// Lets those who are being served have their turns between two new connections. Otherwise a listener
/// takes as many as wait, and hundreds that come back at once, such as an attacker's that were closed
/// for others, all stand before the next answer.
pub(crate) fn one_by_one<M, T>(
    make: M,
) -> impl Service<T, Response = M::Response, Error = M::Error, Future: Send> + Send
where
    M: Service<T, Future: Send> + Send,
{
    make.map_future(|made| async {
        yield_now().await;
        made.await
    })
}

#[cfg(test)]
mod tests {
    use std::net::{SocketAddr, TcpListener, TcpStream};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use axum::Router;

    use super::*;

    const CONNECTIONS: usize = 100;

    #[tokio::test(flavor = "current_thread")]
    async fn whoever_is_being_served_has_a_turn_between_two_connections() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let address = listener.local_addr().expect("an address");
        let waiting: Vec<_> =
            (0..CONNECTIONS).map(|_| TcpStream::connect(address).expect("waits in line")).collect();
        let come = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&come);
        let routes = Router::new().into_make_service_with_connect_info::<SocketAddr>();
        let counted = ServiceExt::<SocketAddr>::map_request(routes, move |address| {
            count.fetch_add(1, Ordering::Relaxed);
            address
        });
        let server = axum_server::from_tcp(listener).expect("listens");
        let serving = tokio::spawn(server.serve(one_by_one(counted)));

        let mut most_at_once = 0;
        while come.load(Ordering::Relaxed) < CONNECTIONS {
            let before = come.load(Ordering::Relaxed);
            yield_now().await;
            most_at_once = most_at_once.max(come.load(Ordering::Relaxed) - before);
        }
        assert_eq!(most_at_once, 1, "of {} that waited", waiting.len());
        serving.abort();
    }
}

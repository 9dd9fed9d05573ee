use std::sync::Arc;
use std::time::Duration;

use scoreline_testkit::clock::ManualClock;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

use super::stream::Bounded;
use super::*;
use crate::metrics::Metrics;

fn connections(most: usize) -> Arc<Connections> {
    let now = scoreline_core::time::Timestamp::parse("2026-11-23T10:00:00Z").expect("a time");
    let clock = Arc::new(ManualClock::new(now));
    let turned_away = Arc::new(TurnedAway::new(Arc::new(Metrics::new()), clock));
    let proxy = "10.9.9.0/24".parse().expect("a network");
    Arc::new(Connections::new(most, vec![proxy], turned_away))
}

fn address(last: u8) -> IpAddr {
    IpAddr::from([10, 0, 0, last])
}

fn is_told_to_close(admitted: &mut Admitted) -> bool {
    admitted.closed.try_recv().is_ok()
}

/// Both ends of a connection with deadlines.
fn bounded(
    connections: &Arc<Connections>,
) -> (Bounded<DuplexStream>, DuplexStream, Arc<Connection>) {
    let admitted = connections.admit(address(1)).expect("there is room");
    let connection = Arc::clone(&admitted.connection);
    let (ours, theirs) = duplex(64);
    (Bounded::new(ours, admitted, Patience::default()), theirs, connection)
}

#[tokio::test(start_paused = true)]
async fn room_is_made_by_those_that_never_asked_and_then_by_those_that_rest_longest() {
    let connections = connections(32);
    let mut all: Vec<Admitted> = Vec::new();
    for last in 0..30 {
        let admitted = connections.admit(address(last)).expect("there is room");
        if last != 7 && last != 9 {
            admitted.connection.begin(false);
            tokio::time::advance(Duration::from_millis(10)).await;
            admitted.connection.end();
        }
        all.push(admitted);
    }
    all[3].connection.begin(false);
    let closed = |all: &mut Vec<Admitted>| -> Vec<usize> {
        let told = all.iter_mut().map(is_told_to_close).enumerate();
        told.filter_map(|(place, told)| told.then_some(place)).collect()
    };
    all.push(connections.admit(address(100)).expect("some rest"));
    assert_eq!(closed(&mut all), [7, 9], "those that never asked");
    all.push(connections.admit(address(101)).expect("there is room until they are gone"));
    assert_eq!(closed(&mut all), [] as [usize; 0], "they are on their way out");
    for at in [9, 7] {
        all.remove(at);
    }
    all.push(connections.admit(address(102)).expect("some rest"));
    assert!(is_told_to_close(all.iter_mut().rev().nth(1).expect("it never asked")));
}

#[tokio::test(start_paused = true)]
async fn connections_with_a_request_stay_and_what_is_too_many_is_refused() {
    let connections = connections(16);
    let busy: Vec<Admitted> = (0..16)
        .map(|last| {
            let admitted = connections.admit(address(last)).expect("there is room");
            admitted.connection.begin(false);
            admitted
        })
        .collect();
    assert_eq!(connections.admit(address(99)).err(), Some(Reason::ConnectionsInAll));
    busy[5].connection.end();
    assert_eq!(
        connections.admit(address(99)).err(),
        Some(Reason::ConnectionsInAll),
        "not yet gone"
    );
    let mut busy = busy;
    assert!(is_told_to_close(&mut busy[5]));
    busy.remove(5);
    assert!(connections.admit(address(99)).is_ok());
    assert_eq!(connections.count(), 15);
}

#[tokio::test(start_paused = true)]
async fn one_address_has_half_of_the_connections_and_a_proxy_all() {
    let connections = connections(16);
    let take = |address: IpAddr| {
        let admitted = connections.admit(address)?;
        admitted.connection.begin(false);
        Ok::<_, Reason>(admitted)
    };
    let own: Vec<Admitted> = std::iter::from_fn(|| take(address(1)).ok()).collect();
    assert_eq!(own.len(), 8);
    assert_eq!(take(address(1)).err(), Some(Reason::ConnectionsOfAddress));
    assert!(take("::ffff:10.0.0.1".parse().expect("an address")).is_err(), "the same in IPv6");
    drop(own);
    let proxied: Vec<Admitted> =
        std::iter::from_fn(|| take(IpAddr::from([10, 9, 9, 9])).ok()).collect();
    assert_eq!(proxied.len(), 16);
}

#[tokio::test(start_paused = true)]
async fn a_head_that_comes_a_byte_at_a_time_is_cut_off_when_its_time_is_up() {
    let connections = connections(16);
    let (mut stream, mut client, connection) = bounded(&connections);
    let dripping = tokio::spawn(async move {
        while client.write_all(b"G").await.is_ok() {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    });
    let patience = Patience::default();
    let mut read = async || {
        let started = Instant::now();
        let mut buffer = [0; 1];
        let error = loop {
            if let Err(error) = stream.read_exact(&mut buffer).await {
                break error;
            }
        };
        assert_eq!(error.kind(), std::io::ErrorKind::TimedOut);
        started.elapsed()
    };
    let second = Duration::from_secs(1);
    let took = read().await;
    assert!(took >= patience.first_head && took < patience.first_head + second, "{took:?}");
    // A later head: its time begins with its first byte.
    connection.begin(false);
    connection.end();
    let took = read().await;
    assert!(took >= patience.head && took < patience.head + 2 * second, "{took:?}");
    dripping.abort();
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_takes_a_byte_at_a_time_is_cut_off_and_one_that_reads_is_not() {
    let connections = connections(16);
    let (mut stream, mut client, connection) = bounded(&connections);
    connection.begin(false);
    let answer = vec![b'x'; 100_000];
    let reading = tokio::spawn(async move {
        let mut buffer = vec![0; 4_096];
        while client.read(&mut buffer).await.is_ok_and(|read| read > 0) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    stream.write_all(&answer).await.expect("it is read");
    drop(stream);
    reading.await.expect("it ends");

    let (mut stream, mut client, connection) = bounded(&connections);
    connection.begin(false);
    let started = Instant::now();
    let dripping = tokio::spawn(async move {
        while client.read_u8().await.is_ok() {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    });
    let error = stream.write_all(&answer).await.expect_err("nobody waits that long");
    assert_eq!(error.kind(), std::io::ErrorKind::TimedOut);
    let (took, write) = (started.elapsed(), Patience::default().write);
    assert!(took >= write && took < write + Duration::from_secs(2), "{took:?}");
    drop(stream);
    dripping.await.expect("it ends");
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_rests_is_closed_for_others_and_one_that_answers_is_not() {
    let connections = connections(16);
    let (mut stream, mut client, connection) = bounded(&connections);
    connection.begin(false);
    let entry = |close: fn(&mut Entry) -> Option<oneshot::Sender<()>>| {
        close(connections.table.lock().entries.get_mut(&connection.number).expect("it is there"))
    };
    entry(|entry| entry.close.take()).expect("not yet told").send(()).expect("it listens");
    connections.table.lock().closing += 1;
    client.write_all(b"body").await.expect("written");
    let mut buffer = [0; 4];
    stream.read_exact(&mut buffer).await.expect("the request goes on");
    connection.end();
    assert_eq!(stream.read(&mut buffer).await.expect("an end"), 0);
    drop(stream);
    assert_eq!((connections.count(), connections.table.lock().closing), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_still_sends_can_read_its_answer_before_the_connection_goes() {
    let connections = connections(16);
    let (mut stream, mut client, connection) = bounded(&connections);
    connection.begin(true);
    stream.write_all(b"401").await.expect("written");
    let sending = tokio::spawn(async move {
        client.write_all(&[b'x'; 10_000]).await.expect("somebody takes it");
        let mut answer = [0; 3];
        client.read_exact(&mut answer).await.expect("the answer is there");
        assert_eq!(&answer, b"401");
        client
    });
    let started = Instant::now();
    stream.shutdown().await.expect("it ends");
    let client = sending.await.expect("all of it was taken");
    assert_eq!(started.elapsed(), Patience::default().linger, "and not for longer");
    drop(client);
    connection.body_is_whole();
    let (mut stream, _client, _) = bounded(&connections);
    stream.shutdown().await.expect("nothing to wait for");
}

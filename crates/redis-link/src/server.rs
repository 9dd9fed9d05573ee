//! Where Redis is: one server, or a cluster of them.

use std::time::Duration;

use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::cluster::{ClusterClient, ClusterConfig};
use redis::cluster_async::ClusterConnection;
use redis::cluster_routing::{MultipleNodeRoutingInfo, RoutingInfo};
use redis::io::tcp::TcpSettings;
use redis::{
    AsyncConnectionConfig, Client, Cmd, ConnectionInfo, ErrorKind, IntoConnectionInfo, RedisError,
    RedisResult, TlsCertificates, Value,
};

/// How long a connection may take to come about.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// How often a cluster's client asks another node before it gives up.
const CLUSTER_RETRIES: u32 = 3;
/// The longest pause between these attempts, in milliseconds.
const CLUSTER_RETRY_WAIT_MS: u64 = 200;

const HOW_TO_WRITE_IT: &str =
    "the address of Redis must look like redis://user:password@host:port/db";

/// Where to connect.
pub enum Server {
    /// One Redis.
    Single(Box<Client>),
    /// A cluster.
    Cluster(Box<ClusterClient>),
}

/// A connection that many tasks use at once.
#[derive(Clone)]
pub enum Connection {
    /// To one Redis.
    Single(MultiplexedConnection),
    /// To all nodes of a cluster.
    Cluster(ClusterConnection),
}

impl Server {
    /// Reads an address, without connecting. Errors do not repeat it, as it holds a password.
    pub fn parse(url: &str, root_certificate: Option<&[u8]>) -> RedisResult<Self> {
        let (url, is_cluster) = match url.split_once("-cluster://") {
            Some((scheme @ ("redis" | "rediss"), rest)) => (format!("{scheme}://{rest}"), true),
            _ => (url.to_owned(), url.contains(',')),
        };
        let nodes = nodes(&url)?;
        let certificates = root_certificate
            .map(|root| TlsCertificates { client_tls: None, root_cert: Some(root.to_vec()) });
        if is_cluster {
            let mut builder = ClusterClient::builder(nodes)
                .tcp_settings(tcp_settings())
                .connection_timeout(CONNECT_TIMEOUT)
                .retries(CLUSTER_RETRIES)
                .max_retry_wait(CLUSTER_RETRY_WAIT_MS);
            if let Some(certificates) = certificates {
                builder = builder.certs(certificates);
            }
            return Ok(Self::Cluster(Box::new(builder.build()?)));
        }
        let node = nodes.into_iter().next().ok_or_else(|| malformed("there is no address"))?;
        let client = match certificates {
            Some(certificates) => Client::build_with_tls(node, certificates)?,
            None => Client::open(node)?,
        };
        Ok(Self::Single(Box::new(client)))
    }

    /// Whether keys of different hash tags may be on different servers.
    pub fn is_cluster(&self) -> bool {
        matches!(self, Self::Cluster(_))
    }

    /// Makes a connection whose answers may take `response_timeout`.
    pub async fn connect(&self, response_timeout: Duration) -> RedisResult<Connection> {
        match self {
            Self::Single(client) => {
                let config = AsyncConnectionConfig::new()
                    .set_connection_timeout(Some(CONNECT_TIMEOUT))
                    .set_response_timeout(Some(response_timeout));
                let connection = client.get_multiplexed_async_connection_with_config(&config);
                Ok(Connection::Single(connection.await?))
            }
            Self::Cluster(client) => {
                let config = ClusterConfig::new()
                    .set_connection_timeout(CONNECT_TIMEOUT)
                    .set_response_timeout(response_timeout);
                let connection = client.get_async_connection_with_config(config);
                // The client asks the nodes of a cluster one after the other, and each may be
                // silent.
                let longest = response_timeout + CONNECT_TIMEOUT * 3;
                match tokio::time::timeout(longest, connection).await {
                    Ok(connection) => Ok(Connection::Cluster(connection?)),
                    Err(_) => Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into()),
                }
            }
        }
    }
}

/// Which servers a command is for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum To {
    /// The one that has its keys.
    OneThatHasIt,
    /// Every one that takes writes.
    EachPrimary,
}

impl Connection {
    /// Sends a command and waits for its answer; a list of them if it is for several.
    pub(crate) async fn send(&mut self, to: To, cmd: &Cmd) -> RedisResult<Value> {
        match (self, to) {
            (Self::Single(connection), To::OneThatHasIt) => {
                connection.req_packed_command(cmd).await
            }
            (Self::Single(connection), To::EachPrimary) => {
                Ok(Value::Array(vec![connection.req_packed_command(cmd).await?]))
            }
            (Self::Cluster(connection), To::OneThatHasIt) => {
                connection.req_packed_command(cmd).await
            }
            (Self::Cluster(connection), To::EachPrimary) => {
                let all = (MultipleNodeRoutingInfo::AllMasters, None);
                let answers = connection.route_command(cmd.clone(), RoutingInfo::MultiNode(all));
                match answers.await? {
                    Value::Map(by_node) => {
                        Ok(Value::Array(by_node.into_iter().map(|(_, answer)| answer).collect()))
                    }
                    other => Ok(other),
                }
            }
        }
    }
}

/// Whether a text may be in the names of keys. Braces would move the hash tag.
pub fn is_namespace(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
    !text.is_empty() && text.len() <= 100 && text.bytes().all(allowed)
}

/// The nodes of an address. What is left out of the second and later ones is as in the first.
fn nodes(url: &str) -> RedisResult<Vec<ConnectionInfo>> {
    let mut nodes: Vec<ConnectionInfo> = Vec::new();
    let (scheme, _) = url.split_once("://").ok_or_else(|| malformed(HOW_TO_WRITE_IT))?;
    for node in url.split(',').map(str::trim) {
        let full =
            if node.contains("://") { node.to_owned() } else { format!("{scheme}://{node}") };
        let info = full.as_str().into_connection_info();
        let mut info = info.map_err(|error| malformed(reason(&error)))?;
        let first = nodes.first().map(ConnectionInfo::redis_settings);
        if let Some(first) = first
            && info.redis_settings().password().is_none()
        {
            info = info.set_redis_settings(first.clone());
        }
        nodes.push(info.set_tcp_settings(tcp_settings()));
    }
    Ok(nodes)
}

/// Small commands must not wait for the acknowledgement of others.
fn tcp_settings() -> TcpSettings {
    TcpSettings::default().set_nodelay(true)
}

fn malformed(reason: &'static str) -> RedisError {
    RedisError::from((ErrorKind::InvalidClientConfig, reason))
}

/// Why an address is malformed, in words that hold nothing of it.
fn reason(error: &RedisError) -> &'static str {
    match error.kind() {
        ErrorKind::InvalidClientConfig => HOW_TO_WRITE_IT,
        _ => "the address of Redis cannot be read",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> RedisResult<Server> {
        Server::parse(url, None)
    }

    #[test]
    fn one_address_is_one_server_and_several_are_a_cluster() {
        for single in [
            "redis://localhost",
            "redis://:secret@10.0.0.1:6380/3",
            "rediss://user:secret@cache.example:6379",
            "redis+unix:///run/redis.sock",
        ] {
            assert!(!parse(single).expect(single).is_cluster(), "{single}");
        }
        for cluster in [
            "redis://:secret@a:7000,redis://:secret@b:7000",
            "redis://:secret@a:7000,b:7000,c:7000",
            "redis-cluster://a:7000",
            "rediss-cluster://user:secret@a:7000,b:7000",
        ] {
            assert!(parse(cluster).expect(cluster).is_cluster(), "{cluster}");
        }
    }

    #[test]
    fn an_address_that_is_malformed_is_refused_without_repeating_it() {
        for wrong in [
            "",
            "hunter2",
            "http://:hunter2@host",
            "redis://:hunter2@host:port",
            "redis://:hunter2@",
            "redis://:hunter2@a:7000,",
            "redis://:hunter2@host/first",
            "redis-cluster://:hunter2@host:99999",
        ] {
            let Err(error) = parse(wrong) else { panic!("{wrong} was taken") };
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }
}

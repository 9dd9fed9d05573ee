//! A Redis Cluster of three nodes.

use std::time::Duration;

use tokio::time::Instant;

use scoreline_throwaway::free_port;

use super::{DURABLE, RedisServer};

/// The slots of a cluster, one third for each node.
pub const SLOTS: [(&str, &str); 3] = [("0", "5460"), ("5461", "10922"), ("10923", "16383")];
/// How long the nodes may take to agree.
const AGREE_LONGEST: Duration = Duration::from_secs(30);

/// Three running nodes that have agreed.
pub struct RedisCluster {
    /// The nodes, in the order of their slots.
    pub nodes: Vec<RedisServer>,
}

impl RedisCluster {
    /// Three nodes that lose nothing when they are killed.
    pub async fn start() -> Self {
        let (mut nodes, mut bus_ports) = (Vec::new(), Vec::new());
        for (first, last) in SLOTS {
            let bus = free_port().expect("a port").to_string();
            let clustered = ["--cluster-enabled", "yes", "--cluster-node-timeout", "2000"];
            let arguments = [&DURABLE[..], &clustered[..], &["--cluster-port", &bus]].concat();
            let node = RedisServer::start_with(&arguments).await;
            node.ask::<()>(&["CLUSTER", "ADDSLOTSRANGE", first, last]).await;
            nodes.push(node);
            bus_ports.push(bus);
        }
        for (node, bus) in nodes.iter().zip(&bus_ports) {
            let port = node.port().to_string();
            nodes[0].ask::<()>(&["CLUSTER", "MEET", "127.0.0.1", &port, bus]).await;
        }
        let cluster = Self { nodes };
        let deadline = Instant::now() + AGREE_LONGEST;
        for node in &cluster.nodes {
            while !Self::is_in_order(node).await {
                assert!(Instant::now() < deadline, "the nodes do not agree");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        cluster
    }

    async fn is_in_order(node: &RedisServer) -> bool {
        let info: String = node.ask(&["CLUSTER", "INFO"]).await;
        info.contains("cluster_state:ok") && info.contains("cluster_known_nodes:3")
    }

    /// The addresses of all nodes.
    pub fn url(&self) -> String {
        let nodes: Vec<String> = self.nodes.iter().map(RedisServer::url).collect();
        nodes.join(",")
    }
}

//! The memory index keeps the contract of every rank index.

use scoreline_ranking::MemoryRanks;

scoreline_testkit::rank_conformance!(async { MemoryRanks::new() });

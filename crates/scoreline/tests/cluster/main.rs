//! Several nodes on one PostgreSQL and one Redis, and what becomes of events when any of them breaks.
//!
//! Real processes, real servers, and devices that send all the while. Afterwards every event that
//! was acknowledged is counted once, and what players see is what the raw events say.

mod acts;
mod cluster;
mod database_away;
mod devices;
mod doctor;
mod foreign_queue;
mod frozen_database;
mod frozen_redis;
mod full_redis;
mod later;
mod limits;
mod lost_node;
mod lost_queue;
mod node;
mod partition;
mod redis_away;
mod rolling;
mod simulated;
mod slow_database;
mod soaked;
mod upgrade;

//! Mistakes that are made on purpose at the edge, to see that the checks find them.

/// What is done wrongly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sabotage {
    /// The queue forgets a parcel as soon as a worker has it.
    SettlesAtOnce,
    /// The database counts what comes again.
    CountsRepetitions,
    /// The queue says that nothing waits in it.
    HidesWhatWaits,
    /// The feed leaves out what it tells every seventh time.
    TellsTooLittle,
}

impl Sabotage {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::SettlesAtOnce, Self::CountsRepetitions, Self::HidesWhatWaits, Self::TellsTooLittle];
}

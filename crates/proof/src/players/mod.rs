//! Players who behave like players, and what their devices send. A function of the seed alone.

pub(crate) mod device;
pub(crate) mod session;
pub(crate) mod values;
pub(crate) mod world;

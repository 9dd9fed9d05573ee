//! The scripts.

use std::sync::LazyLock;

use scoreline_redis_link::Source;

/// A script with what it begins with.
macro_rules! script {
    ($name:ident, $doc:literal $(, $part:literal)+) => {
        #[doc = $doc]
        pub(crate) static $name: LazyLock<Source> = LazyLock::new(|| {
            Source::new(concat!(
                include_str!("../scripts/prelude.lua")
                $(, "\n", include_str!(concat!("../scripts/", $part)))+
            ))
        });
    };
}

script!(PUSH, "Puts a parcel at the end of a class.", "push.lua");
script!(CLAIM, "Leases new parcels.", "claim.lua");
script!(TAKE_UP, "Leases parcels that were given back or stalled.", "take_up.lua");
script!(PROMOTE, "Puts delayed parcels that are due back into the stream.", "promote.lua");
script!(SETTLE, "Takes parcels out.", "hold.lua", "settle.lua");
script!(RETRY, "Puts parcels aside for a while.", "hold.lua", "retry.lua");
script!(RELEASE, "Gives parcels back.", "hold.lua", "release.lua");
script!(EXTEND, "Starts leases afresh.", "hold.lua", "extend.lua");
script!(PAUSE, "Pauses or resumes a class.", "pause.lua");
script!(FIGURES, "Tells how a class is doing.", "figures.lua");
script!(HEAL, "Makes a class usable that is new or was emptied.", "heal.lua");
script!(RECOUNT, "Brings a class in order that others changed.", "recount.lua");
script!(SWEEP, "Forgets consumers that are long gone.", "sweep.lua");
script!(ADOPT, "Gives a class to another database.", "adopt.lua");
script!(INFO, "Tells about the server that has a class.", "info.lua");

//! The scripts.

use std::sync::LazyLock;

use scoreline_redis_link::Source;

/// A script with what it begins with.
macro_rules! script {
    ($name:ident, $doc:literal $(, $part:literal)+) => {
        #[doc = $doc]
        pub static $name: LazyLock<Source> = LazyLock::new(|| {
            Source::new(concat!(
                include_str!("../../scripts/prelude.lua")
                $(, "\n", include_str!(concat!("../../scripts/", $part)))+
            ))
        });
    };
}

script!(SET, "Takes over updates.", "write.lua", "set.lua");
script!(BEGIN, "Announces a load.", "write.lua", "begin.lua");
script!(CARRY, "Carries updates into a later load.", "write.lua", "carry.lua");
script!(PART, "Takes a part into a load.", "write.lua", "part.lua");
script!(FINISH, "Makes a load the board.", "write.lua", "finish.lua");
script!(UNLOAD, "Forgets a board.", "unload.lua");
script!(LEN, "Counts a board.", "len.lua");
script!(RANGE, "Reads places.", "range.lua");
script!(AROUND, "Reads places beside a player.", "around.lua");
script!(PLACES, "Reads the places of players.", "places.lua");

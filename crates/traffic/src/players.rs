//! Who plays: the ids, devices and abilities of simulated players.

use rand::RngExt;
use rand::rngs::StdRng;

/// Bytes of a player's id: a UUID in its usual spelling.
pub const ID_BYTES: usize = 36;
/// Points a second that no player exceeds; more than 20 are implausible in the sample game.
const POINTS_A_SECOND_MAX: f64 = 19.5;

/// The id of the `n`-th player of all load and demo runs: the same in every process, spread evenly,
/// 36 characters long. Measurements that fill a store directly use these ids too.
pub fn player_id(n: u64) -> String {
    let mut text = [0; ID_BYTES];
    write_player_id(n, &mut text);
    String::from_utf8(text.to_vec()).expect("a UUID is ASCII")
}

/// Writes [`player_id`] where a prepared request has room for it.
pub fn write_player_id(n: u64, text: &mut [u8; ID_BYTES]) {
    let bits = u128::from(scatter(n)) << 64 | u128::from(scatter(!n));
    let id = uuid::Builder::from_random_bytes(bits.to_be_bytes()).into_uuid();
    id.hyphenated().encode_lower(text);
}

/// A bijection of 64-bit numbers whose results look random.
pub fn scatter(n: u64) -> u64 {
    let mut mixed = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// What a device says about itself.
#[derive(Debug, Clone)]
pub(crate) struct Device {
    pub platform: &'static str,
    pub model: &'static str,
    pub os_version: &'static str,
    pub app_version: &'static str,
    pub install_source: &'static str,
    pub country: &'static str,
    pub timezone: &'static str,
    pub locale: &'static str,
}

/// A simulated player, with what the game remembers of them.
#[derive(Debug, Clone)]
pub(crate) struct Player {
    pub id: String,
    pub nickname: String,
    pub device: Device,
    /// Points a second in an ordinary game. Grows with practice.
    pub skill: f64,
    /// How long the player lasts in an ordinary game.
    pub stamina_seconds: f64,
    /// How often the player opens the game.
    pub pause_hours: f64,
    pub installed: bool,
    pub sessions: u32,
    pub last_session_end_ms: Option<i64>,
    pub coins: i64,
    pub gems: i64,
    /// The story level that comes next.
    pub level: u32,
    pub attempts_at_level: u32,
    pub skin: usize,
    pub skins_owned: usize,
    pub achievements: u32,
    pub best_score: i64,
    pub streak_day: u32,
    pub last_streak_day: Option<i64>,
    pub sound: bool,
}

const IOS: [(&str, &str); 4] =
    [("iPhone14,5", "17.6"), ("iPhone15,2", "18.1"), ("iPhone16,1", "18.3"), ("iPad13,4", "17.7")];
const ANDROID: [(&str, &str); 5] = [
    ("Pixel 8", "15"),
    ("SM-A546B", "14"),
    ("SM-S921B", "15"),
    ("Redmi Note 13", "13"),
    ("moto g84", "14"),
];
const PLACES: [(&str, &str, &str); 8] = [
    ("DE", "Europe/Berlin", "de_DE"),
    ("US", "America/New_York", "en_US"),
    ("BR", "America/Sao_Paulo", "pt_BR"),
    ("JP", "Asia/Tokyo", "ja_JP"),
    ("IN", "Asia/Kolkata", "en_IN"),
    ("FR", "Europe/Paris", "fr_FR"),
    ("MX", "America/Mexico_City", "es_MX"),
    ("PL", "Europe/Warsaw", "pl_PL"),
];
const VERSIONS: [&str; 3] = ["1.4.2", "1.4.1", "1.3.0"];
const SOURCES: [&str; 4] = ["organic", "ad_network", "referral", "store_feature"];
const FIRST_NAMES: [&str; 16] = [
    "Swift", "Lucky", "Silent", "Turbo", "Crimson", "Frosty", "Mighty", "Cosmic", "Sly", "Golden",
    "Wild", "Brave", "Neon", "Sunny", "Storm", "Tiny",
];
const LAST_NAMES: [&str; 16] = [
    "Falcon", "Otter", "Comet", "Badger", "Raven", "Tiger", "Pilot", "Heron", "Panda", "Fox",
    "Orca", "Lynx", "Moth", "Yak", "Wolf", "Gecko",
];

/// One of a list.
pub(crate) fn one_of<T: Copy>(rng: &mut StdRng, choices: &[T]) -> T {
    choices[rng.random_range(0..choices.len())]
}

/// About normally distributed around 0, between −1 and 1.
pub(crate) fn bell(rng: &mut StdRng) -> f64 {
    let sum: f64 = (0..4).map(|_| rng.random_range(-1.0..1.0_f64)).sum();
    sum / 4.0
}

impl Player {
    /// The `n`-th player.
    pub fn new(n: u64, rng: &mut StdRng) -> Self {
        let is_ios = rng.random_bool(0.45);
        let (model, os_version) = if is_ios { one_of(rng, &IOS) } else { one_of(rng, &ANDROID) };
        let (country, timezone, locale) = one_of(rng, &PLACES);
        let device = Device {
            platform: if is_ios { "ios" } else { "android" },
            model,
            os_version,
            app_version: one_of(rng, &VERSIONS),
            install_source: one_of(rng, &SOURCES),
            country,
            timezone,
            locale,
        };
        let name = format!("{} {}", one_of(rng, &FIRST_NAMES), one_of(rng, &LAST_NAMES));
        Self {
            id: player_id(n),
            // Two names of at most 7 and 6 letters leave room for a number below 10,000.
            nickname: format!("{name} {}", n % 10_000),
            device,
            // Few are very good: the logarithm is about normally distributed.
            skill: (5.0 * (1.6 * bell(rng)).exp()).clamp(1.0, 14.0),
            stamina_seconds: (55.0 * (1.4 * bell(rng)).exp()).clamp(15.0, 240.0),
            pause_hours: (6.0 * (1.5 * bell(rng)).exp()).clamp(1.0, 40.0),
            installed: false,
            sessions: 0,
            last_session_end_ms: None,
            coins: 100,
            gems: 5,
            level: 1,
            attempts_at_level: 0,
            skin: 0,
            skins_owned: 1,
            achievements: 0,
            best_score: 0,
            streak_day: 0,
            last_streak_day: None,
            sound: true,
        }
    }

    /// A score that is believable for a game that lasts `seconds`.
    pub fn score(&self, seconds: i64, rng: &mut StdRng) -> i64 {
        let form = (1.0 + 0.6 * bell(rng)).max(0.2);
        let rate = (self.skill * form).min(POINTS_A_SECOND_MAX);
        #[expect(clippy::cast_possible_truncation, reason = "far below 2^53")]
        let score = (rate * seconds as f64).floor() as i64;
        score
    }

    /// How long a game lasts: mostly short, now and then long.
    pub fn game_seconds(&self, rng: &mut StdRng) -> i64 {
        let luck: f64 = -rng.random_range(0.02..1.0_f64).ln();
        #[expect(clippy::cast_possible_truncation, reason = "at most 15 minutes")]
        let seconds = (4.0 + self.stamina_seconds * luck).min(900.0) as i64;
        seconds
    }

    /// Practice makes better, the less the better one is.
    pub fn practise(&mut self) {
        self.skill += (16.0 - self.skill) * 0.002;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use rand::SeedableRng;
    use scoreline_core::limits::NICKNAME_CHARS;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn ids_differ_and_are_the_same_every_time() {
        let ids: HashSet<String> = (0..10_000).map(player_id).collect();
        assert_eq!(ids.len(), 10_000);
        assert!(ids.iter().all(|id| id.len() == ID_BYTES && Uuid::try_parse(id).is_ok()));
        assert_eq!(player_id(7), player_id(7));
    }

    #[test]
    fn nicknames_are_ones_the_server_takes() {
        let mut rng = StdRng::seed_from_u64(1);
        for n in 0..2_000 {
            let name = Player::new(n * 9_999, &mut rng).nickname;
            assert!(NICKNAME_CHARS.contains(&name.chars().count()), "{name}");
            assert!(name.chars().all(|c| c.is_alphanumeric() || c == ' '), "{name}");
        }
    }

    #[test]
    fn abilities_differ_so_that_ranks_are_not_chance() {
        let mut rng = StdRng::seed_from_u64(1);
        let mut skills: Vec<f64> = (0..1_000).map(|n| Player::new(n, &mut rng).skill).collect();
        skills.sort_by(f64::total_cmp);
        assert!(skills[900] > 1.8 * skills[100], "{} and {}", skills[100], skills[900]);
    }
}

//! The two modes of the game: endless flights, which the leaderboard counts, and story levels.

use rand::RngExt;
use serde_json::json;

use super::Session;

const JETS: [&str; 4] = ["sparrow", "falcon", "condor", "phoenix"];
const DEATHS: [&str; 5] = ["missile", "laser", "wall", "mine", "fuel"];
const POWERUPS: [&str; 4] = ["shield", "magnet", "boost", "double_coins"];
const OBJECTIVES: [&str; 3] = ["collect_coins", "survive", "reach_distance"];
const ACHIEVEMENTS: [(&str, &str, &str); 6] = [
    ("first_flight", "First Flight", "bronze"),
    ("coin_hunter", "Coin Hunter", "bronze"),
    ("untouchable", "Untouchable", "silver"),
    ("marathon", "Marathon", "silver"),
    ("ace", "Ace", "gold"),
    ("legend", "Legend", "gold"),
];
/// Hearts at the start of a game.
const HEARTS: i64 = 3;
/// Story levels of one zone.
const LEVELS_OF_A_ZONE: u32 = 10;

impl Session<'_> {
    /// A flight until the end, with what surrounds it.
    pub(super) fn endless_game(&mut self) {
        self.start("endless");
        let mut seconds = self.player.game_seconds(self.rng);
        let mut score = self.player.score(seconds, self.rng);
        if self.chance(0.15) {
            self.pause("endless", score / 2, seconds / 2);
        }
        self.now_ms += seconds * 1_000;
        if self.chance(0.2) && self.go_on("endless", score) {
            let more = self.player.game_seconds(self.rng) / 2;
            score += self.player.score(more, self.rng);
            seconds += more;
            self.now_ms += more * 1_000;
        }
        self.end("endless", score, seconds, 0);
        self.player.practise();
        if score > self.player.best_score {
            self.player.best_score = score;
            self.rejoice(score);
        }
        self.complete_mission(seconds);
        if self.chance(0.2) {
            let board = self.pick(&["global", "global", "tournament", "friends"]);
            let rank = self.rng.random_range(1..500);
            self.tell("leaderboard_viewed", json!({"leaderboard_type": board, "user_rank": rank}));
            self.wait(2, 15);
        }
        if self.chance(0.12) {
            self.watch_ad("interstitial", "game_over");
        }
    }

    /// An attempt at the next level of the story.
    pub(super) fn story_level(&mut self) {
        let level = self.player.level;
        let zone = (level - 1) / LEVELS_OF_A_ZONE + 1;
        let name = format!("Zone {zone}, Level {level}");
        self.player.attempts_at_level += 1;
        let attempt = self.player.attempts_at_level;
        let objective = OBJECTIVES[level as usize % OBJECTIVES.len()];
        self.tell(
            "level_started",
            json!({
                "level_id": level,
                "zone_id": zone,
                "level_name": name,
                "difficulty": if zone < 3 { "easy" } else { "hard" },
                "objective_type": objective,
                "attempt_number": attempt,
                "hearts_remaining": HEARTS,
                "is_first_attempt": attempt == 1,
            }),
        );
        self.start("story");
        let seconds = self.player.game_seconds(self.rng).min(180);
        let score = self.player.score(seconds, self.rng);
        self.now_ms += seconds * 1_000;
        let won = self.chance(0.6);
        let hearts = if won { self.rng.random_range(1..=HEARTS) } else { 0 };
        self.end("story", score, seconds, hearts);
        if won {
            self.complete_level(score, seconds, hearts);
        } else {
            let cause = self.pick(&DEATHS);
            self.tell(
                "level_failed",
                json!({
                    "level_id": level,
                    "zone_id": zone,
                    "level_name": name,
                    "score": score,
                    "objective_target": 20 * level,
                    "objective_type": objective,
                    "cause_of_death": cause,
                    "time_survived_seconds": seconds,
                    "hearts_remaining": 0,
                    "continues_used": 0,
                }),
            );
        }
    }

    fn complete_level(&mut self, score: i64, seconds: i64, hearts: i64) {
        let level = self.player.level;
        let zone = (level - 1) / LEVELS_OF_A_ZONE + 1;
        self.tell(
            "level_completed",
            json!({
                "level_id": level,
                "zone_id": zone,
                "score": score,
                "stars": hearts,
                "time_seconds": seconds,
                "hearts_remaining": hearts,
                "first_attempt": self.player.attempts_at_level == 1,
            }),
        );
        self.earn("coins", 20 + 10 * hearts, "level", &format!("level_{level}"));
        self.player.level += 1;
        self.player.attempts_at_level = 0;
        let next = level + 1;
        let zone = (next - 1) / LEVELS_OF_A_ZONE + 1;
        self.tell(
            "level_unlocked",
            json!({
                "level_id": next,
                "zone_id": zone,
                "level_name": format!("Zone {zone}, Level {next}"),
                "unlock_method": "progression",
            }),
        );
    }

    fn start(&mut self, mode: &'static str) {
        let powerups: Vec<&str> =
            if self.chance(0.3) { vec![self.pick(&POWERUPS)] } else { Vec::new() };
        let jet = JETS[self.player.skins_owned.min(JETS.len()) - 1];
        self.tell(
            "game_started",
            json!({
                "game_mode": mode,
                "selected_jet": jet,
                "selected_skin": self.skin(),
                "hearts_remaining": HEARTS,
                "powerups_active": powerups,
            }),
        );
    }

    fn end(&mut self, mode: &'static str, score: i64, seconds: i64, hearts: i64) {
        let coins = seconds / 4 + self.rng.random_range(0..20);
        let gems = i64::from(self.rng.random_bool(0.1));
        let powerups: Vec<&str> =
            if self.chance(0.4) { vec![self.pick(&POWERUPS)] } else { Vec::new() };
        let dodged = seconds * 2 / 3 + self.rng.random_range(0..10);
        let cause = if hearts > 0 { "none" } else { self.pick(&DEATHS) };
        let combo = self.rng.random_range(0..30);
        self.tell(
            "game_ended",
            json!({
                "game_mode": mode,
                "score": score,
                "duration_seconds": seconds,
                "obstacles_dodged": dodged,
                "coins_collected": coins,
                "gems_collected": gems,
                "hearts_remaining": hearts,
                "cause_of_death": cause,
                "max_combo": combo,
                "powerups_used": powerups,
            }),
        );
        let game = format!("{mode}_{}", self.now_ms);
        self.earn("coins", coins, "gameplay", &game);
        self.earn("gems", gems, "gameplay", &game);
        self.wait(1, 8);
    }

    fn pause(&mut self, mode: &'static str, score: i64, seconds: i64) {
        self.tell(
            "game_paused",
            json!({"game_mode": mode, "score_at_pause": score, "time_played_seconds": seconds}),
        );
        let pause_seconds = self.rng.random_range(2..90);
        self.now_ms += pause_seconds * 1_000;
        self.tell(
            "game_resumed",
            json!({"game_mode": mode, "pause_duration_seconds": pause_seconds}),
        );
    }

    /// Buys another life, if the player can.
    fn go_on(&mut self, mode: &'static str, score: i64) -> bool {
        let (kind, coins, gems) = match self.rng.random_range(0..4) {
            0 if self.player.gems >= 2 => ("gem_purchase", 0, 2),
            1 if self.player.coins >= 100 => ("coin_purchase", 100, 0),
            2 => return false,
            _ => ("ad_watch", 0, 0),
        };
        if kind == "ad_watch" {
            self.watch_ad("rewarded", "continue");
        }
        self.pay("coins", coins, "continue", "continue");
        self.pay("gems", gems, "continue", "continue");
        self.tell(
            "continue_used",
            json!({
                "game_mode": mode,
                "score_at_death": score,
                "continue_type": kind,
                "cost_coins": coins,
                "cost_gems": gems,
                "lives_restored": 1,
                "continues_used_this_run": 1,
            }),
        );
        true
    }

    fn watch_ad(&mut self, kind: &'static str, placement: &str) {
        let mut ad = json!({"ad_type": kind, "ad_placement": placement});
        if kind == "rewarded" {
            ad["reward_type"] = json!("continue");
            ad["reward_amount"] = json!(1);
        }
        self.wait(5, 30);
        self.tell("ad_watched", ad);
    }

    /// Celebrates a record: an achievement, and perhaps a shared score.
    fn rejoice(&mut self, score: i64) {
        let reached = usize::try_from(self.player.achievements).expect("few");
        if let Some((id, name, tier)) = ACHIEVEMENTS.get(reached).copied() {
            self.player.achievements += 1;
            let coins = 100 * i64::from(self.player.achievements);
            self.tell(
                "achievement_unlocked",
                json!({
                    "achievement_id": id,
                    "achievement_name": name,
                    "achievement_tier": tier,
                    "achievement_category": "flying",
                    "reward_coins": coins,
                    "reward_gems": 1,
                }),
            );
            self.earn("coins", coins, "achievement", id);
            self.earn("gems", 1, "achievement", id);
        }
        if self.chance(0.15) {
            self.tell("share_clicked", json!({"share_type": "score", "score_shared": score}));
        }
    }

    fn complete_mission(&mut self, seconds: i64) {
        if !self.chance(0.1) {
            return;
        }
        let coins = 40;
        let day = self.now_ms.div_euclid(super::DAY_MS);
        let id = format!("daily_{day}");
        self.tell(
            "mission_completed",
            json!({
                "mission_id": id,
                "mission_type": "daily",
                "mission_difficulty": "medium",
                "reward_coins": coins,
                "completion_time_seconds": seconds,
            }),
        );
        self.earn("coins", coins, "mission", &id);
    }
}

//! Coins, gems, and what they are spent on.

use serde_json::json;

use super::Session;

const SKINS: [(&str, &str); 8] = [
    ("skin_default", "Standard"),
    ("skin_ember", "Ember"),
    ("skin_glacier", "Glacier"),
    ("skin_carbon", "Carbon"),
    ("skin_sunrise", "Sunrise"),
    ("skin_viper", "Viper"),
    ("skin_nebula", "Nebula"),
    ("skin_gold", "Gold Rush"),
];
const SKIN_COINS: i64 = 800;

/// A product of the store: id, kind, price, gems and coins in it.
struct Product {
    id: &'static str,
    kind: &'static str,
    price_usd: f64,
    gems: i64,
    coins: i64,
}

const PRODUCTS: [Product; 4] = [
    Product { id: "gems_small", kind: "consumable", price_usd: 1.99, gems: 80, coins: 0 },
    Product { id: "coins_chest", kind: "consumable", price_usd: 4.99, gems: 0, coins: 5_000 },
    Product { id: "starter_pack", kind: "non_consumable", price_usd: 2.99, gems: 50, coins: 1_000 },
    Product { id: "pilot_pass", kind: "subscription", price_usd: 5.99, gems: 150, coins: 0 },
];

impl Session<'_> {
    /// The id of the skin that is worn.
    pub(super) fn skin(&self) -> &'static str {
        SKINS[self.player.skin].0
    }

    /// Between two games: a new skin, another look, the store.
    pub(super) fn spend(&mut self) {
        if self.player.coins >= SKIN_COINS && self.player.skins_owned < SKINS.len() {
            self.unlock_skin();
        } else if self.player.skins_owned > 1 && self.chance(0.08) {
            let worn = (self.player.skin + 1) % self.player.skins_owned;
            self.equip(worn);
        }
        if self.chance(0.03) {
            self.buy();
        }
    }

    /// Adds to the purse. Earning nothing sends no event.
    pub(super) fn earn(&mut self, currency: &'static str, amount: i64, source: &str, id: &str) {
        if amount <= 0 {
            return;
        }
        let before = *self.balance(currency);
        *self.balance(currency) += amount;
        self.tell(
            "currency_earned",
            json!({
                "currency_type": currency,
                "amount": amount,
                "source": source,
                "source_id": id,
                "balance_before": before,
                "balance_after": before + amount,
            }),
        );
    }

    /// Pays out of the purse, if it holds enough.
    pub(super) fn pay(
        &mut self,
        currency: &'static str,
        amount: i64,
        spent_on: &str,
        item: &str,
    ) -> bool {
        let before = *self.balance(currency);
        if amount <= 0 || before < amount {
            return false;
        }
        *self.balance(currency) -= amount;
        self.tell(
            "currency_spent",
            json!({
                "currency_type": currency,
                "amount": amount,
                "spent_on": spent_on,
                "item_id": item,
                "balance_before": before,
                "balance_after": before - amount,
            }),
        );
        true
    }

    fn balance(&mut self, currency: &str) -> &mut i64 {
        if currency == "gems" { &mut self.player.gems } else { &mut self.player.coins }
    }

    fn unlock_skin(&mut self) {
        let skin = self.player.skins_owned;
        let (id, name) = SKINS[skin];
        if !self.pay("coins", SKIN_COINS, "skin", id) {
            return;
        }
        self.player.skins_owned += 1;
        self.tell(
            "skin_unlocked",
            json!({
                "skin_id": id,
                "skin_name": name,
                "unlock_method": "purchase",
                "cost_coins": SKIN_COINS,
                "cost_gems": 0,
            }),
        );
        self.wait(1, 4);
        self.equip(skin);
    }

    fn equip(&mut self, skin: usize) {
        let previous = self.skin();
        self.player.skin = skin;
        let (id, name) = SKINS[skin];
        self.tell(
            "skin_equipped",
            json!({"skin_id": id, "skin_name": name, "previous_skin_id": previous}),
        );
    }

    fn buy(&mut self) {
        let product = &PRODUCTS[self.player.sessions as usize % PRODUCTS.len()];
        let offer = json!({
            "product_id": product.id,
            "product_type": product.kind,
            "price_usd": product.price_usd,
            "currency_code": "USD",
        });
        self.tell("purchase_initiated", offer.clone());
        self.wait(4, 25);
        if !self.chance(0.7) {
            return;
        }
        let transaction = format!("{}-{}", self.player.id, self.now_ms);
        let mut bought = offer;
        bought["transaction_id"] = json!(transaction);
        bought["gems_granted"] = json!(product.gems);
        bought["coins_granted"] = json!(product.coins);
        self.tell("purchase_completed", bought);
        self.earn("gems", product.gems, "purchase", product.id);
        self.earn("coins", product.coins, "purchase", product.id);
    }
}

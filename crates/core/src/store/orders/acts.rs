//! What acts of operators on players and prizes write.

use serde_json::json;

use super::{Deed, Order, Statement};
use crate::audit::{Act, Audited};
use crate::feed::Change;
use crate::id::PlayerId;
use crate::naming::Blocking;
use crate::nickname::{RESEMBLING_RULES, resembling};
use crate::session::{Revocations, Unbinding};
use crate::store::Counts;
use crate::store::values::values;
use crate::tournament::{HandAward, Prize, Revocation};
use crate::turning::Settlement;

impl Settlement {
    /// How much less waits for review.
    pub fn counts(&self) -> Counts {
        Counts::of_decided(self.waited)
    }

    /// What is written beside the events that turn.
    pub fn deed(self) -> Deed {
        let Self { player, entries, accepted, at, audited, .. } = self;
        let note = audited.act.note.as_deref();
        let order = |no: &crate::review::ReviewNo| {
            let values = values![no.0, at, accepted, note];
            Order::new(Statement::DecideReview, values).into_owned()
        };
        let orders: Vec<Order<'static>> = entries.iter().map(order).collect();
        let is_decided = !orders.is_empty();
        let changes = is_decided.then_some(Change::Review { player });
        Deed { orders, audited, changes: changes.into_iter().collect() }
    }
}

impl Unbinding {
    /// What is written of a player who was bound, and whose sessions were revoked for the `count`-th time.
    pub fn deed(self, player: PlayerId, act: Act, count: i64) -> Deed {
        let unbind = Order::new(Statement::Unbind, values![&player]).into_owned();
        let was = json!({ "bound": true, "revocations": count - 1 });
        let is = json!({ "bound": self == Self::Sessions, "revocations": count });
        Deed {
            orders: if self == Self::Secret { vec![unbind] } else { Vec::new() },
            audited: act.changed(Some(&was), Some(&is)),
            changes: vec![Change::Sessions(Revocations { player, count })],
        }
    }
}

impl Blocking {
    /// What blocks the name, or frees it. It changes a row if that was not so before.
    pub fn order(&self, act: &Act) -> Order<'static> {
        let skeleton = resembling(&self.nickname);
        if !self.is_blocked {
            return Order::new(Statement::UnblockName, values![skeleton]);
        }
        let values = values![skeleton, &self.nickname, act.at, &act.note, RESEMBLING_RULES];
        Order::new(Statement::BlockName, values).into_owned()
    }

    /// What the log says of it: the side where there is no block is empty.
    pub fn audited(&self, act: Act) -> Audited {
        let shown = json!({ "nickname": self.nickname });
        let (blocked, freed) =
            if self.is_blocked { (Some(&shown), None) } else { (None, Some(&shown)) };
        act.changed(freed, blocked)
    }
}

impl HandAward {
    /// What is written beside the prize, if it is new.
    pub fn deed(&self, act: Act) -> Option<Deed> {
        let Self::Given(prize) = self else { return None };
        let audited = act.changed(None, Some(&prize.shown()));
        Some(Deed { orders: Vec::new(), audited, changes: vec![changed(prize)] })
    }
}

impl Revocation {
    /// What is written, if the prize was not revoked before.
    pub fn deed(&self, act: Act) -> Option<Deed> {
        let Self::Revoked(prize) = self else { return None };
        let before = Prize { revoked_at: None, ..prize.clone() };
        let revoke = Order::new(Statement::RevokePrize, values![prize.id, act.at]);
        let audited = act.changed(Some(&before.shown()), Some(&prize.shown()));
        Some(Deed { orders: vec![revoke], audited, changes: vec![changed(prize)] })
    }
}

fn changed(prize: &Prize) -> Change {
    Change::Prize { prize: prize.id, player: prize.player.clone() }
}

#[cfg(test)]
mod tests {
    use super::super::statements;
    use super::*;
    use crate::audit::Actor;
    use crate::time::Timestamp;

    fn act(what: &str) -> Act {
        let by = Actor { name: "ops".to_owned(), key: None, address: None };
        let (what, target) = (what.to_owned(), "ann".to_owned());
        Act { by, what, target, note: None, at: Timestamp::EPOCH }
    }

    #[test]
    fn a_block_leaves_the_side_of_the_log_empty_where_there_is_none() {
        let of = |is_blocked| {
            let blocking = Blocking { nickname: "Ace".to_owned(), is_blocked };
            let Audited { before, after, .. } = blocking.audited(act("block"));
            (blocking.order(&act("block")).statement, before.is_some(), after.is_some())
        };
        assert_eq!(of(true), (Statement::BlockName, false, true));
        assert_eq!(of(false), (Statement::UnblockName, true, false));
    }

    #[test]
    fn only_who_loses_the_secret_is_unbound_and_nodes_hear_of_sessions_either_way() {
        let of = |unbinding: Unbinding| {
            let deed = unbinding.deed(PlayerId::from_stored("ann"), act("unbind"), 3);
            assert_eq!(deed.changes.len(), 1);
            (statements(&deed.orders), deed.audited.after.expect("is logged"))
        };
        let (orders, is) = of(Unbinding::Secret);
        assert_eq!((orders, &*is), (vec![Statement::Unbind], r#"{"bound":false,"revocations":3}"#));
        let (orders, is) = of(Unbinding::Sessions);
        assert_eq!((orders, &*is), (vec![], r#"{"bound":true,"revocations":3}"#));
    }
}

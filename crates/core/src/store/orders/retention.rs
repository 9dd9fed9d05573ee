//! What retention removes beside events.

use super::{Order, Statement};
use crate::fold::{COARSE_GRAIN_MS, FINE_GRAIN_MS};
use crate::store::values::values;
use crate::time::Timestamp;

/// What removes figures that start before `fine_from` and `coarse_from`, each of its grain.
pub fn remove_figures((fine_from, coarse_from): (Timestamp, Timestamp)) -> Vec<Order<'static>> {
    let grains = [(FINE_GRAIN_MS, fine_from), (COARSE_GRAIN_MS, coarse_from)];
    let figures = grains.into_iter().flat_map(|(grain_ms, from)| {
        [Statement::RemoveFigures, Statement::RemoveFigurePlayers]
            .map(|statement| Order::new(statement, values![grain_ms, from]))
    });
    figures.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_grain_has_its_own_bound() {
        let [fine, coarse] = [1, 2].map(Timestamp::from_stored_ms);
        let orders = remove_figures((fine, coarse));
        assert_eq!(orders.len(), 4);
        assert_eq!(orders[1].values, values![FINE_GRAIN_MS, fine]);
        assert_eq!(orders[2].values, values![COARSE_GRAIN_MS, coarse]);
    }
}

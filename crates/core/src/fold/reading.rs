//! How a plan reads events: fields by their places, measures with these, and where rows lie.

use std::sync::Arc;

use super::FoldOverflow;
use super::facts::Fact;
use super::projection::{Filling, Projection};
use crate::game::{Filter, Measure, Operator};
use crate::id::{ProjectionNo, Slot};

#[derive(Debug, Clone)]
pub(super) struct Target {
    pub projection: ProjectionNo,
    pub live: Slot,
    pub filling: Option<Filling>,
}

impl Target {
    pub fn of(projection: &Projection) -> Self {
        let Projection { no, slot, filling, .. } = projection;
        Self { projection: *no, live: *slot, filling: *filling }
    }
}

/// A measure with its fields resolved to places in [`TypePlan::fields`].
#[derive(Debug, Clone)]
pub(super) struct Reading {
    pub filter: Vec<(usize, crate::game::Condition)>,
    pub operator: Operator,
    pub field: Option<usize>,
    pub scale: i64,
}

/// The payload fields that something looks at, each in a place of its own.
#[derive(Debug, Clone, Default)]
pub(super) struct Fields(Vec<Arc<str>>);

impl Fields {
    /// Their names, by place.
    pub fn names(&self) -> &[Arc<str>] {
        &self.0
    }

    /// The place of a field.
    pub fn place(&mut self, field: &Arc<str>) -> usize {
        self.0.iter().position(|known| known == field).unwrap_or_else(|| {
            self.0.push(Arc::clone(field));
            self.0.len() - 1
        })
    }

    /// A measure of these fields.
    pub fn reading(&mut self, measure: &Measure) -> Reading {
        let Filter { tests } = &measure.filter;
        let filter =
            tests.iter().map(|test| (self.place(&test.field), test.condition.clone())).collect();
        Reading {
            filter,
            operator: measure.operator,
            field: measure.field.as_ref().map(|field| self.place(field)),
            scale: measure.scale,
        }
    }
}

impl Reading {
    /// What an event with these facts contributes; `None` if it does not count.
    pub fn value(&self, facts: &[Fact<'_>]) -> Result<Option<i64>, FoldOverflow> {
        if !self.filter.iter().all(|(place, condition)| facts[*place].satisfies(condition)) {
            return Ok(None);
        }
        let Some(place) = self.field else { return Ok(Some(1)) };
        facts[place].scaled(self.scale)
    }
}

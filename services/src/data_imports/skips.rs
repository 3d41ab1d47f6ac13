//! Why rows had nothing to do.

use super::mapping::Mapping;
use crate::Result;
use entities::data_imports::data_import;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Why a row was passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skip {
    /// Its movement was recorded before, or its product says all of it already.
    Known,
    /// It is empty.
    Blank,
    /// By the import's rule with this number, counted from 0.
    Rule(usize),
}

/// How many rows were passed over, by why; kept with the import as JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Skips {
    known: i64,
    blank: i64,
    rules: BTreeMap<usize, i64>,
}

/// Rows that were passed over for one and the same reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    pub why: Skip,
    /// The column the rule looks at.
    pub column: Option<String>,
    /// What the rule gives as its reason.
    pub reason: Option<String>,
    pub rows: i64,
}

impl Skips {
    pub(super) fn of(import: &data_import::Model) -> Result<Self> {
        Ok(serde_json::from_str(&import.skips)?)
    }

    pub(super) fn add(&mut self, why: Skip) {
        *match why {
            Skip::Known => &mut self.known,
            Skip::Blank => &mut self.blank,
            Skip::Rule(at) => self.rules.entry(at).or_default(),
        } += 1;
    }

    pub(super) fn and(mut self, more: &Self) -> Self {
        self.known += more.known;
        self.blank += more.blank;
        for (at, rows) in &more.rules {
            *self.rules.entry(*at).or_default() += rows;
        }
        self
    }

    pub(super) fn rows(&self) -> i64 {
        self.known + self.blank + self.rules.values().sum::<i64>()
    }

    fn each(&self) -> impl Iterator<Item = (Skip, i64)> + '_ {
        let rules = self.rules.iter().map(|(at, rows)| (Skip::Rule(*at), *rows));
        [(Skip::Known, self.known), (Skip::Blank, self.blank)].into_iter().chain(rules).filter(|(_, rows)| *rows > 0)
    }
}

/// Why rows of an import had nothing to do: known and blank ones, then those of each rule in its order.
pub fn skipped(import: &data_import::Model) -> Result<Vec<Skipped>> {
    let mapping: Mapping = serde_json::from_str(&import.mapping)?;
    let one = |(why, rows)| {
        let rule = if let Skip::Rule(at) = why { mapping.rules.get(at) } else { None };
        let (column, reason) = (rule.map(|rule| rule.column.clone()), rule.and_then(|rule| rule.reason.clone()));
        Skipped { why, column, reason, rows }
    };
    Ok(Skips::of(import)?.each().map(one).collect())
}

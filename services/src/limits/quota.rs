//! The rule, pure: what an ask adds to a debt, and which debt leaves no room for it. All times are microseconds.

use std::num::NonZeroU32;

const HOUR: u64 = 3_600_000_000;
/// No operation takes more: the edge refuses what costs over 10,000 points.
pub const DEAREST: i64 = 50;

/// So many units an hour in the long run, so many at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    hourly: NonZeroU32,
    burst: NonZeroU32,
}

/// What is counted in this installation; none: not at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quotas {
    pub user: Option<Quota>,
    pub address: Option<Quota>,
}

impl Quota {
    /// None for none an hour. No more comes at once than in an hour.
    pub fn new(hourly: u32, burst: u32) -> Option<Self> {
        let hourly = NonZeroU32::new(hourly)?;
        Some(Self { hourly, burst: NonZeroU32::new(burst)?.min(hourly) })
    }

    pub fn hourly(self) -> u64 {
        self.hourly.get().into()
    }

    pub(super) fn burst(self) -> u64 {
        self.burst.get().into()
    }

    /// How long one unit takes to come back, rounded up so that an hour never brings more.
    fn unit(self) -> i64 {
        HOUR.div_ceil(self.hourly()).try_into().unwrap_or(i64::MAX)
    }

    /// The debt of a whole burst.
    fn room(self) -> i64 {
        self.unit().saturating_mul(self.burst.get().into())
    }

    /// The longest debt that is believed, so that a clock that went back locks nobody out for good.
    pub(super) fn longest(self) -> i64 {
        self.room().saturating_add(self.unit().saturating_mul(DEAREST))
    }

    /// Units to be had at once.
    pub(super) fn remaining(self, debt: i64) -> u64 {
        u64::try_from((self.room() - debt) / self.unit()).unwrap_or(0)
    }
}

/// Units asked for, as times of one quota.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ask {
    pub cost: i64,
    pub room: i64,
    pub longest: i64,
}

impl Ask {
    pub fn of(quota: Quota, units: u64) -> Self {
        let units = i64::try_from(units).unwrap_or(i64::MAX);
        Self { cost: quota.unit().saturating_mul(units), room: quota.room(), longest: quota.longest() }
    }

    /// What is added whether there is room or not, up to the longest debt; or taken off, where it is less than nothing.
    pub fn settling(quota: Quota, units: i64) -> Self {
        Self { cost: quota.unit().saturating_mul(units), room: i64::MAX / 4, longest: quota.longest() }
    }

    /// The same where one of so many processes counts for itself alone.
    pub fn for_one_of(self, processes: u32) -> Self {
        Self { cost: self.cost.saturating_mul(processes.max(1).into()), ..self }
    }

    /// The debt afterwards, or how long to wait. What is dearer than a whole burst passes when there is no debt at all.
    pub fn decide(&self, debt: i64) -> Result<i64, i64> {
        match self.wait(debt) {
            0 => Ok(debt.saturating_add(self.cost).clamp(0, self.longest)),
            wait => Err(wait),
        }
    }

    /// How long until this passes at such a debt.
    pub fn wait(&self, debt: i64) -> i64 {
        (debt.saturating_add(self.cost.min(self.room)) - self.room).max(0)
    }
}

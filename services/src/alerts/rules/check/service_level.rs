//! Which service level a rule asks for, over how long.

use super::Checked;
use crate::alerts::rules::{RuleChange, Unsupported};
use crate::inventory::quantity;
use crate::locale::Locale;
use crate::{Code, Refusals};
use entities::alerts::AlertKind;

impl Checked {
    pub(super) fn change_service(&mut self, change: &RuleChange, locale: Locale, refusals: &mut Refusals) {
        let is = &mut self.is;
        let mut refuse = |code, path: &str, key: &str| refusals.add(code, path, locale.say(key, &[]));
        let given = [
            (change.target.is_some(), "serviceLevelTarget"),
            (change.window_days.is_some(), "windowDays"),
            (change.minimum_lines.is_some(), "minimumLines"),
            (change.service_level.is_some(), "serviceLevelDefinition"),
        ];
        if is.kind != AlertKind::ServiceLevelDrop {
            for (_, path) in given.into_iter().filter(|(given, _)| *given) {
                refuse(Code::Invalid, path, "rule-only-service-level");
            }
            return;
        }
        if is.per_warehouse {
            let path = if is.warehouse_id.is_some() { "warehouseId" } else { "granularity" };
            refuse(Code::Invalid, path, "rule-service-level-everywhere");
        }
        match change.service_level {
            Some(Ok(definition)) => is.service_level = Some(definition),
            Some(Err(Unsupported)) => refuse(Code::Invalid, "serviceLevelDefinition", "rule-service-level-unsupported"),
            None => {}
        }
        if let Some(text) = &change.target {
            match quantity::parse_scaled(text.trim(), 4).filter(|target| (1..=10_000).contains(target)) {
                Some(target) => is.target = Some(target),
                None => refuse(Code::OutOfRange, "serviceLevelTarget", "rule-target"),
            }
        }
        for (number, most, path, kept) in [
            (change.window_days, 366, "windowDays", &mut is.window_days),
            (change.minimum_lines, 1_000_000, "minimumLines", &mut is.minimum_lines),
        ] {
            match number {
                Some(number) if (1..=most).contains(&number) => *kept = Some(number.into()),
                Some(_) => refusals.add(Code::OutOfRange, path, locale.say("rule-number", &[("most", most.to_string())])),
                None => {}
            }
        }
    }
}

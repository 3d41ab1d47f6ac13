//! What decides a movement's kind: rules over columns, or the word in a cell.

use super::fields::plain;
use super::mapping::check_column;
use super::values;
use crate::locale::Locale;
use crate::{Code, Refusals};
use entities::inventory::stock_movement::StockMovementKind;
use sea_orm::ActiveEnum;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// Decides rows by one column; all conditions given must hold, none given always holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    pub column: String,
    pub starts_with: Option<String>,
    /// A decimal number.
    pub less_than: Option<String>,
    pub one_of: Option<Vec<String>>,
    #[serde(with = "kind_text")]
    pub kind: Option<StockMovementKind>,
    pub skip: bool,
    pub reason: Option<String>,
}

const MOST_RULES: usize = 100;
const MOST_VALUES: usize = 1000;
/// Of all rules together.
const MOST_VALUES_IN_ALL: usize = 5000;

/// Refuses rules that cannot work with this header, or are too many.
pub(super) fn check(rules: &[Rule], header: &[String], locale: Locale, refusals: &mut Refusals) {
    if rules.len() > MOST_RULES {
        refusals.add(Code::LimitReached, "rules", locale.say("list-full", &[("most", MOST_RULES.to_string())]));
    }
    let values: usize = rules.iter().filter_map(|rule| rule.one_of.as_ref()).map(Vec::len).sum();
    if values > MOST_VALUES_IN_ALL {
        let most = [("most", MOST_VALUES_IN_ALL.to_string())];
        refusals.add(Code::LimitReached, "rules", locale.say("import-rules-values", &most));
    }
    for (at, rule) in rules.iter().enumerate() {
        let mut refuse = |field: &str, code, key: &str| refusals.add(code, &format!("rules.{at}.{field}"), locale.say(key, &[]));
        if rule.skip == rule.kind.is_some() {
            refuse("kind", Code::Invalid, "import-rule-kind-or-skip");
        }
        if matches!(rule.kind, Some(StockMovementKind::TransferIn | StockMovementKind::TransferOut)) {
            refuse("kind", Code::Invalid, "import-kind-transfer");
        }
        if rule.less_than.as_ref().is_some_and(|number| number.trim().parse::<f64>().is_err()) {
            refuse("lessThan", Code::Invalid, "import-number-invalid");
        }
        if rule.one_of.as_ref().is_some_and(|values| values.is_empty() || values.len() > MOST_VALUES) {
            refuse("oneOf", Code::OutOfRange, "import-rule-values");
        }
        if rule.reason.as_ref().is_some_and(|reason| reason.chars().count() > 500) {
            refusals.add(Code::TooLong, &format!("rules.{at}.reason"), locale.say("text-too-long", &[("most", "500".into())]));
        }
        check_column(&rule.column, header, &format!("rules.{at}.column"), locale, refusals);
    }
}

/// A rule whose column has been found.
pub(super) struct PlacedRule {
    pub place: usize,
    pub rule: Rule,
    less_than: Option<f64>,
    /// Looked up in every row, so that a long list costs what a short one does.
    one_of: Option<HashSet<String>>,
}

impl PlacedRule {
    pub(super) fn new(rule: &Rule, header: &[String]) -> Option<Self> {
        let place = header.iter().position(|name| *name == rule.column.trim())?;
        let less_than = rule.less_than.as_ref().and_then(|number| number.trim().parse().ok());
        let one_of = rule.one_of.as_ref().map(|values| values.iter().map(|value| value.trim().to_owned()).collect());
        Some(Self { place, rule: rule.clone(), less_than, one_of })
    }

    /// Whether the rule decides a row with this cell.
    pub(super) fn matches(&self, cell: &str) -> bool {
        // A comparison, nothing more: whole numbers and short decimals are exact in a double.
        let below = |bound: f64| values::number(cell).ok().and_then(|n| n.parse::<f64>().ok()).is_some_and(|n| n < bound);
        self.rule.starts_with.as_ref().is_none_or(|start| cell.starts_with(start.as_str()))
            && self.less_than.is_none_or(below)
            && self.one_of.as_ref().is_none_or(|values| values.contains(cell))
    }
}

/// The kind a cell names, in English or French.
pub(super) fn kind_of(cell: &str) -> Option<StockMovementKind> {
    use StockMovementKind::*;
    Some(match plain(cell).as_str() {
        "receipt" | "reception" | "entree" | "achat" | "purchase" | "in" => Receipt,
        "sale" | "vente" | "sortie" | "out" => Sale,
        "customer return" | "retour client" | "retour" | "return" => CustomerReturn,
        "supplier return" | "retour fournisseur" => SupplierReturn,
        "adjustment" | "ajustement" | "correction" => Adjustment,
        "write off" | "perte" | "casse" | "rebut" | "loss" => WriteOff,
        "count" | "comptage" | "inventaire" | "stocktake" => Count,
        _ => return None,
    })
}

mod kind_text {
    use super::*;
    use serde::{Deserializer, Serializer};

    pub fn serialize<S: Serializer>(kind: &Option<StockMovementKind>, to: S) -> Result<S::Ok, S::Error> {
        kind.map(|kind| kind.to_value()).serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<StockMovementKind>, D::Error> {
        let text: Option<String> = Option::deserialize(from)?;
        text.map(|text| StockMovementKind::try_from_value(&text).map_err(serde::de::Error::custom)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::super::mapping::Mapping;
    use super::*;
    use entities::data_imports::data_import::DataImportKind;

    #[test]
    fn values_are_looked_up_without_the_spaces_around_them() {
        let one_of = Some(vec![" PORT ".to_owned(), "POST".to_owned(), "POST".to_owned()]);
        let rule = Rule { column: "code".into(), one_of, skip: true, ..Rule::default() };
        let placed = PlacedRule::new(&rule, &["code".to_owned()]).unwrap();
        assert_eq!(placed.one_of.as_ref().map(HashSet::len), Some(2));
        assert!(placed.matches("PORT") && placed.matches("POST") && !placed.matches("port") && !placed.matches(""));
    }

    #[test]
    fn bounds_the_values_of_a_rule_and_of_all_together() {
        let header = ["sku".to_owned(), "quantity".to_owned()];
        let columns = Mapping::of_header(DataImportKind::StockMovements, &header);
        let refused = |rules: usize, values: usize| {
            let one_of = Some((0..values).map(|n| n.to_string()).collect());
            let rule = Rule { column: "sku".into(), one_of, skip: true, ..Rule::default() };
            let mapping = Mapping { columns: columns.clone(), rules: vec![rule; rules], ..Mapping::default() };
            mapping.check(DataImportKind::StockMovements, &header, Locale::Fr).err().map(|error| crate::testing::refusals(&error))
        };
        assert_eq!(refused(5, 1000), None);
        assert_eq!(refused(1, 1001), Some(vec![(Code::OutOfRange, "rules.0.oneOf".into())]));
        assert_eq!(refused(6, 834), Some(vec![(Code::LimitReached, "rules".into())]));
    }

    #[test]
    fn the_conditions_of_a_rule_hold_together() {
        let header = ["invoice".to_owned()];
        let rule = Rule { column: "invoice".into(), starts_with: Some("-".into()), less_than: Some("-2".into()), ..Rule::default() };
        let placed = PlacedRule::new(&rule, &header).unwrap();
        assert!(placed.matches("-3") && !placed.matches("-1") && !placed.matches("3") && !placed.matches("-x"));
        let always = PlacedRule::new(&Rule { column: "invoice".into(), ..Rule::default() }, &header).unwrap();
        assert!(always.matches("") && always.matches("anything"));
    }
}

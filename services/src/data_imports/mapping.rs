//! Which column means what: data of each import, checked against its header.

use super::fields::{Field, plain};
use super::rule::{self, Rule};
use crate::locale::Locale;
use crate::{Code, Refusals, Result};
use entities::data_imports::data_import::{self, DataImportKind};
use serde::{Deserialize, Serialize};

/// One column of the file and what it means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnMapping {
    pub column: String,
    pub field: Field,
}

/// The columns and rules of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mapping {
    pub columns: Vec<ColumnMapping>,
    pub rules: Vec<Rule>,
    /// The columns that nothing is read from; imports of before did not keep them.
    #[serde(default)]
    pub ignored: Vec<String>,
}

/// What the columns of an import's file were taken for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Understood {
    pub columns: Vec<ColumnMapping>,
    /// Those that nothing is read from; none of an import of before they were kept.
    pub ignored: Vec<String>,
}

/// Which columns of an import's file are read as what, and which are passed over.
pub fn understood(import: &data_import::Model) -> Result<Understood> {
    let Mapping { columns, ignored, .. } = serde_json::from_str(&import.mapping)?;
    Ok(Understood { columns, ignored })
}

impl Mapping {
    /// With these columns and rules; what else the header names is passed over.
    pub(super) fn new(columns: Vec<ColumnMapping>, rules: Vec<Rule>, header: &[String]) -> Self {
        let named = columns.iter().map(|mapping| &mapping.column).chain(rules.iter().map(|rule| &rule.column));
        let read: Vec<&str> = named.map(|column| column.trim()).collect();
        let ignored = header.iter().filter(|name| !name.is_empty() && !read.contains(&name.as_str())).cloned().collect();
        Self { columns, rules, ignored }
    }

    /// What the header says by itself, for a client that named no columns.
    pub(super) fn of_header(kind: DataImportKind, header: &[String]) -> Vec<ColumnMapping> {
        let mut columns: Vec<ColumnMapping> = Vec::new();
        for column in header {
            let field = Field::of_header(column).filter(|field| kind == DataImportKind::StockMovements || !field.of_movements_only());
            if let Some(field) = field.filter(|field| columns.iter().all(|known| known.field != *field)) {
                columns.push(ColumnMapping { column: column.clone(), field });
            }
        }
        // In French a "référence" is the product's, unless another column is.
        let sku = columns.iter().any(|known| known.field == Field::Sku);
        if let Some(column) = header.iter().find(|column| !sku && plain(column) == "reference") {
            columns.retain(|known| known.column != *column);
            columns.push(ColumnMapping { column: column.clone(), field: Field::Sku });
        }
        columns
    }

    /// Refuses what cannot work with this header.
    pub(super) fn check(&self, kind: DataImportKind, header: &[String], locale: Locale) -> Result<()> {
        let mut refusals = Refusals::default();
        for (at, mapping) in self.columns.iter().enumerate() {
            let path = format!("columns.{at}.column");
            check_column(&mapping.column, header, &path, locale, &mut refusals);
            if self.columns[..at].iter().any(|other| other.field == mapping.field) {
                refusals.add(Code::Invalid, &format!("columns.{at}.field"), locale.say("import-field-twice", &[]));
            }
            if kind == DataImportKind::Products && mapping.field.of_movements_only() {
                refusals.add(Code::Invalid, &format!("columns.{at}.field"), locale.say("import-field-of-movements", &[]));
            }
        }
        let has = |field| self.columns.iter().any(|mapping| mapping.field == field);
        let mut require = |field: Field, key: &str| {
            if !has(field) {
                refusals.add(Code::Required, "columns", locale.say(key, &[]));
            }
        };
        require(Field::Sku, "import-needs-sku");
        if kind == DataImportKind::StockMovements {
            require(Field::Quantity, "import-needs-quantity");
            if self.rules.is_empty() {
                require(Field::Kind, "import-needs-kind");
            }
        } else if !self.rules.is_empty() {
            refusals.add(Code::Invalid, "rules", locale.say("import-rules-of-movements", &[]));
        }
        rule::check(&self.rules, header, locale, &mut refusals);
        refusals.check()
    }
}

/// A column that is named must be in the header, once.
pub(super) fn check_column(column: &str, header: &[String], path: &str, locale: Locale, refusals: &mut Refusals) {
    let argument = [("column", column.chars().take(100).collect::<String>())];
    match header.iter().filter(|name| *name == column.trim()).count() {
        0 => refusals.add(Code::NotFound, path, locale.say("import-column-missing", &argument)),
        1 => {}
        _ => refusals.add(Code::Invalid, path, locale.say("import-column-twice", &argument)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(kind: DataImportKind, header: &[&str]) -> Vec<(String, Field)> {
        let header: Vec<String> = header.iter().map(|name| (*name).to_owned()).collect();
        Mapping::of_header(kind, &header).into_iter().map(|mapping| (mapping.column, mapping.field)).collect()
    }

    #[test]
    fn knows_the_usual_names_in_two_languages() {
        let of = |pairs: &[(&str, Field)]| pairs.iter().map(|(name, field)| ((*name).to_owned(), *field)).collect::<Vec<_>>();
        assert_eq!(
            columns(DataImportKind::StockMovements, &["Invoice", "stock_code", "Qté", "Prix", "Date"]),
            of(&[
                ("Invoice", Field::Reference),
                ("stock_code", Field::Sku),
                ("Qté", Field::Quantity),
                ("Prix", Field::SalePrice),
                ("Date", Field::OccurredAt)
            ])
        );
        for date in ["Date de vente", "Date d'achat", "DATE VENTE", "sale date", "Invoice date", "Date de livraison"] {
            assert_eq!(columns(DataImportKind::StockMovements, &[date]), of(&[(date, Field::OccurredAt)]));
        }
        let products = columns(DataImportKind::Products, &["Référence", "Désignation", "Quantité"]);
        assert_eq!(products, of(&[("Désignation", Field::Name), ("Référence", Field::Sku)]));
    }
}

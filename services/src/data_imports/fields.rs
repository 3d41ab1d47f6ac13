use serde::{Deserialize, Serialize};

/// What a column of an import means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Field {
    Sku,
    Name,
    Description,
    Barcode,
    Category,
    Supplier,
    Unit,
    CostPrice,
    SalePrice,
    ReorderPoint,
    Warehouse,
    Kind,
    Quantity,
    OrderedQuantity,
    UnitCost,
    OccurredAt,
    Reference,
    Reason,
}

impl Field {
    pub const ALL: [Self; 18] = [
        Self::Sku,
        Self::Name,
        Self::Description,
        Self::Barcode,
        Self::Category,
        Self::Supplier,
        Self::Unit,
        Self::CostPrice,
        Self::SalePrice,
        Self::ReorderPoint,
        Self::Warehouse,
        Self::Kind,
        Self::Quantity,
        Self::OrderedQuantity,
        Self::UnitCost,
        Self::OccurredAt,
        Self::Reference,
        Self::Reason,
    ];

    /// Whether only movements have it.
    pub(super) fn of_movements_only(self) -> bool {
        use Field::*;
        matches!(self, Warehouse | Kind | Quantity | OrderedQuantity | UnitCost | OccurredAt | Reference | Reason)
    }

    /// Whether its cells are kept as they are written.
    pub(super) fn is_text(self) -> bool {
        use Field::*;
        !matches!(self, CostPrice | SalePrice | ReorderPoint | Quantity | OrderedQuantity | UnitCost | OccurredAt)
    }

    /// How many characters its cells may have. A text's is what its table takes; no code, number or date is longer.
    pub(super) fn longest(self) -> usize {
        use Field::*;
        match self {
            Description => 5000,
            Reason => 500,
            Name => 300,
            Category | Supplier | Warehouse | Reference => 200,
            Sku | Barcode => 64,
            Unit | CostPrice | SalePrice | ReorderPoint | Kind | Quantity | OrderedQuantity | UnitCost | OccurredAt => 100,
        }
    }

    /// The field of the input that a refusal speaks of.
    pub(super) fn of_path(path: &[String]) -> Option<Self> {
        use Field::*;
        Some(match path.last()?.as_str() {
            "sku" | "productId" => Sku,
            "name" => Name,
            "description" => Description,
            "barcode" => Barcode,
            "categoryId" => Category,
            "supplierId" => Supplier,
            "unitId" => Unit,
            "costPrice" => CostPrice,
            "salePrice" => SalePrice,
            "reorderPoint" => ReorderPoint,
            "warehouseId" => Warehouse,
            "kind" => Kind,
            "quantity" => Quantity,
            "orderedQuantity" => OrderedQuantity,
            "unitCost" => UnitCost,
            "occurredAt" => OccurredAt,
            "reference" => Reference,
            "reason" => Reason,
            _ => return None,
        })
    }

    /// What people call such a column, in the form of [`plain`].
    fn names(self) -> &'static [&'static str] {
        use Field::*;
        match self {
            Sku => &[
                "sku",
                "reference produit",
                "ref",
                "code",
                "code article",
                "code produit",
                "stock code",
                "product code",
                "article",
                "item code",
            ],
            Name => &["name", "nom", "designation", "libelle", "produit", "product", "product name", "nom du produit"],
            Description => &["description", "details"],
            Barcode => &["barcode", "code barres", "code barre", "ean", "gtin", "upc"],
            Category => &["category", "categorie", "famille", "rayon"],
            Supplier => &["supplier", "fournisseur", "vendor"],
            Unit => &["unit", "unite", "uom"],
            CostPrice => &["cost price", "cost", "prix d achat", "prix achat", "cout", "cout d achat"],
            SalePrice => &["sale price", "price", "prix", "prix de vente", "prix vente"],
            ReorderPoint => &["reorder point", "seuil", "seuil de commande", "seuil d alerte", "stock minimum", "min stock"],
            Warehouse => &["warehouse", "entrepot", "magasin", "depot", "location"],
            Kind => &["kind", "type", "nature", "mouvement", "movement"],
            Quantity => &["quantity", "quantite", "qte", "qty", "nombre"],
            OrderedQuantity => &["ordered quantity", "ordered", "quantite commandee", "qte commandee", "commande"],
            UnitCost => &["unit cost", "cout unitaire", "prix unitaire d achat"],
            OccurredAt => &[
                "occurred at",
                "date",
                "date heure",
                "date et heure",
                "datetime",
                "invoice date",
                "date de facture",
                "date facture",
                "date de facturation",
                "date du mouvement",
                "date de mouvement",
                "date mouvement",
                "movement date",
                "date de vente",
                "date vente",
                "date de la vente",
                "date des ventes",
                "sale date",
                "sales date",
                "date of sale",
                "date d achat",
                "date achat",
                "date de l achat",
                "purchase date",
                "date d operation",
                "date de l operation",
                "date operation",
                "transaction date",
                "date de transaction",
                "date de livraison",
                "date livraison",
                "delivery date",
                "date de reception",
                "date reception",
                "receipt date",
                "date d entree",
                "date entree",
                "date de sortie",
                "date sortie",
            ],
            Reference => &["reference", "invoice", "facture", "numero de facture", "invoice number", "invoice no", "bon", "document"],
            Reason => &["reason", "motif", "raison", "comment", "commentaire"],
        }
    }

    /// The field a header names, when it is one we know.
    pub(super) fn of_header(header: &str) -> Option<Self> {
        let header = plain(header);
        Self::ALL.into_iter().find(|field| field.names().contains(&header.as_str()))
    }
}

/// Lower case, without accents, words parted by one space.
pub(super) fn plain(text: &str) -> String {
    let folded = text.chars().flat_map(char::to_lowercase).map(|c| match c {
        'à' | 'â' | 'ä' | 'á' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'î' | 'ï' | 'í' => 'i',
        'ô' | 'ö' | 'ó' => 'o',
        'ù' | 'û' | 'ü' | 'ú' => 'u',
        'ç' => 'c',
        c if c.is_alphanumeric() => c,
        _ => ' ',
    });
    folded.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

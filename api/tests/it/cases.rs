//! One valid call of every root field, and which of its variables hold ids.

use crate::world::Things;
use serde_json::{Value, json};

/// A call every member of an organisation could make about their own things.
pub struct Case {
    pub field: &'static str,
    pub document: &'static str,
    pub variables: fn(&Things) -> Value,
    /// Where an id stands in the variables (`input.productId`, `filter.productIds[]`) and whose it is.
    pub ids: &'static [Place],
}

/// A path in the variables, and which of an organisation's things stands there.
pub type Place = (&'static str, fn(&Things) -> &str);

/// Every case of every room.
pub fn all() -> Vec<Case> {
    [identity::cases(), inventory(), alerts(), notifications(), files(), data_imports(), work(), audit()].into_iter().flatten().collect()
}

fn case(field: &'static str, document: &'static str, variables: fn(&Things) -> Value, ids: &'static [Place]) -> Case {
    Case { field, document, variables, ids }
}

/// One thing of every type that is a `Node`.
macro_rules! every_node {
    ($path:literal) => {
        &[
            ($path, |t| &t.user),
            ($path, |t| &t.organization),
            ($path, |t| &t.membership),
            ($path, |t| &t.role),
            ($path, |t| &t.session),
            ($path, |t| &t.invitation),
            ($path, |t| &t.external_identity),
            ($path, |t| &t.team),
            ($path, |t| &t.api_token),
            ($path, |t| &t.service_account),
            ($path, |t| &t.oauth_client),
            ($path, |t| &t.authorized_app),
            ($path, |t| &t.unit),
            ($path, |t| &t.category),
            ($path, |t| &t.supplier),
            ($path, |t| &t.warehouse),
            ($path, |t| &t.product),
            ($path, |t| &t.level),
            ($path, |t| &t.movement),
            ($path, |t| &t.notification),
            ($path, |t| &t.job),
            ($path, |t| &t.alert),
            ($path, |t| &t.rule),
            ($path, |t| &t.upload),
            ($path, |t| &t.file),
            ($path, |t| &t.import),
            ($path, |t| &t.row_error),
            ($path, |t| &t.audit_event),
        ]
    };
}

mod identity;

fn inventory() -> Vec<Case> {
    let none: fn(&Things) -> Value = |_| json!({});
    vec![
        case("Query.product", "query($id: ID!) { product(id: $id) { id sku } }", |t| json!({"id": t.product}), &[("id", |t| &t.product)]),
        case("Query.productBySku", "{ productBySku(sku: \"RIZ-25\") { id } }", none, &[]),
        case(
            "Query.products",
            "query($filter: ProductFilter) { products(filter: $filter) { totalCount nodes { id sku category { id } supplier { id } stockLevels { nodes { id } } } } }",
            |_| json!({"filter": {}}),
            &[
                ("filter.categoryIds[]", |t| &t.category),
                ("filter.supplierIds[]", |t| &t.supplier),
                ("filter.warehouseIds[]", |t| &t.warehouse),
            ],
        ),
        case("Query.categories", "{ categories { totalCount nodes { id name } } }", none, &[]),
        case("Query.suppliers", "{ suppliers { totalCount nodes { id name } } }", none, &[]),
        case("Query.units", "{ units { totalCount nodes { id code } } }", none, &[]),
        case(
            "Query.warehouse",
            "query($id: ID!) { warehouse(id: $id) { id name } }",
            |t| json!({"id": t.warehouse}),
            &[("id", |t| &t.warehouse)],
        ),
        case("Query.warehouses", "{ warehouses { totalCount nodes { id name } } }", none, &[]),
        case(
            "Query.stockLevels",
            "query($filter: StockLevelFilter) { stockLevels(filter: $filter) { totalCount nodes { id product { id } warehouse { id } } } }",
            |_| json!({"filter": {}}),
            &[("filter.productIds[]", |t| &t.product), ("filter.warehouseIds[]", |t| &t.warehouse)],
        ),
        case(
            "Query.stockMovements",
            "query($filter: StockMovementFilter) { stockMovements(filter: $filter) { totalCount nodes { id product { id } onHandAfter } } }",
            |_| json!({"filter": {}}),
            &[("filter.productIds[]", |t| &t.product), ("filter.warehouseIds[]", |t| &t.warehouse), ("filter.importId", |t| &t.imported)],
        ),
        case("Query.inventoryDashboard", "{ inventoryDashboard { productCount movementsLast30Days } }", none, &[]),
        case(
            "Mutation.productCreate",
            "mutation($input: ProductCreateInput!) { productCreate(input: $input) { product { sku } userErrors { code path message } } }",
            |t| json!({"input": {"sku": "NEUF", "name": "Neuf", "unitId": t.unit, "categoryId": t.category, "supplierId": t.supplier}}),
            &[("input.unitId", |t| &t.unit), ("input.categoryId", |t| &t.category), ("input.supplierId", |t| &t.supplier)],
        ),
        case(
            "Mutation.productUpdate",
            "mutation($input: ProductUpdateInput!) { productUpdate(input: $input) { product { sku } userErrors { code path message } } }",
            |t| json!({"input": {"id": t.product, "name": "Autre", "unitId": t.unit, "categoryId": t.category, "supplierId": t.supplier}}),
            &[
                ("input.id", |t| &t.product),
                ("input.unitId", |t| &t.unit),
                ("input.categoryId", |t| &t.category),
                ("input.supplierId", |t| &t.supplier),
            ],
        ),
        case(
            "Mutation.productArchive",
            "mutation($input: ProductArchiveInput!) { productArchive(input: $input) { product { id } userErrors { code path message } } }",
            |t| json!({"input": {"id": t.product}}),
            &[("input.id", |t| &t.product)],
        ),
        case(
            "Mutation.productUnarchive",
            "mutation($input: ProductUnarchiveInput!) { productUnarchive(input: $input) { product { id } userErrors { code path message } } }",
            |t| json!({"input": {"id": t.product}}),
            &[("input.id", |t| &t.product)],
        ),
        case(
            "Mutation.categoryCreate",
            "mutation($input: CategoryCreateInput!) { categoryCreate(input: $input) { category { name } userErrors { code path message } } }",
            |t| json!({"input": {"name": "Boissons", "parentId": t.category}}),
            &[("input.parentId", |t| &t.category)],
        ),
        case("Mutation.supplierCreate", "mutation { supplierCreate(input: {name: \"Autre\"}) { userErrors { code } } }", none, &[]),
        case("Mutation.warehouseCreate", "mutation { warehouseCreate(input: {name: \"Autre\"}) { userErrors { code } } }", none, &[]),
        case(
            "Mutation.stockMovementRecord",
            "mutation($input: StockMovementRecordInput!) { stockMovementRecord(input: $input) { stockMovement { quantity } userErrors { code path message } } }",
            |t| json!({"input": {"productId": t.product, "warehouseId": t.warehouse, "kind": "SALE", "quantity": "1"}}),
            &[("input.productId", |t| &t.product), ("input.warehouseId", |t| &t.warehouse)],
        ),
        case(
            "Mutation.stockMovementReverse",
            "mutation($input: StockMovementReverseInput!) { stockMovementReverse(input: $input) { stockMovement { quantity } userErrors { code path message } } }",
            |t| json!({"input": {"id": t.movement, "reason": "essai"}}),
            &[("input.id", |t| &t.movement)],
        ),
        case(
            "Mutation.stockTransferRecord",
            "mutation($input: StockTransferRecordInput!) { stockTransferRecord(input: $input) { out { quantity } userErrors { code path message } } }",
            |t| json!({"input": {"productId": t.product, "fromWarehouseId": t.warehouse, "toWarehouseId": t.second_warehouse, "quantity": "1"}}),
            &[
                ("input.productId", |t| &t.product),
                ("input.fromWarehouseId", |t| &t.warehouse),
                ("input.toWarehouseId", |t| &t.second_warehouse),
            ],
        ),
        case(
            "Subscription.stockLevelChanged",
            "subscription($id: ID!) { stockLevelChanged(productId: $id, after: \"0\") { cursor stockLevel { id } } }",
            |t| json!({"id": t.product}),
            &[("productId", |t| &t.product)],
        ),
    ]
}

fn notifications() -> Vec<Case> {
    let none: fn(&Things) -> Value = |_| json!({});
    vec![
        case(
            "Query.notifications",
            "{ notifications { totalCount streamCursor nodes { id title body subject { id } deliveries { channel state error } } } }",
            none,
            &[],
        ),
        case(
            "Mutation.notificationsMarkRead",
            "mutation($input: NotificationsMarkReadInput!) { notificationsMarkRead(input: $input) { notifications { id readAt } userErrors { code path message } } }",
            |t| json!({"input": {"ids": [t.notification]}}),
            &[("input.ids[]", |t| &t.notification)],
        ),
        case(
            "Mutation.notificationArchive",
            "mutation($input: NotificationArchiveInput!) { notificationArchive(input: $input) { notification { id } userErrors { code path message } } }",
            |t| json!({"input": {"id": t.notification}}),
            &[("input.id", |t| &t.notification)],
        ),
        case(
            "Mutation.notificationTestSend",
            "mutation { notificationTestSend(input: {channel: IN_APP}) { notification { id title } userErrors { code path message } } }",
            none,
            &[],
        ),
        case(
            "Subscription.notificationReceived",
            "subscription { notificationReceived(after: \"0\") { cursor change unreadCount notification { id title } } }",
            none,
            &[],
        ),
    ]
}

fn alerts() -> Vec<Case> {
    let none: fn(&Things) -> Value = |_| json!({});
    vec![
        case(
            "Query.stockAlert",
            "query($id: ID!) { stockAlert(id: $id) { id kind explanation } }",
            |t| json!({"id": t.alert}),
            &[("id", |t| &t.alert)],
        ),
        case(
            "Query.stockAlerts",
            "query($filter: StockAlertFilter) { stockAlerts(filter: $filter) { totalCount nodes { id product { id } rule { id } explanation timeline { state } } } }",
            |_| json!({"filter": {}}),
            &[("filter.productIds[]", |t| &t.product), ("filter.warehouseIds[]", |t| &t.warehouse)],
        ),
        case("Query.stockAlertRules", "{ stockAlertRules { totalCount nodes { id kind recipientRoles { nodes { id } } } } }", none, &[]),
        case(
            "Mutation.stockAlertRuleCreate",
            "mutation($input: StockAlertRuleCreateInput!) { stockAlertRuleCreate(input: $input) { stockAlertRule { kind } userErrors { code path message } } }",
            |t| json!({"input": {"kind": "LOW_STOCK", "warehouseId": t.warehouse, "recipientIds": [t.membership], "recipientRoleIds": [t.role]}}),
            &[
                ("input.productId", |t| &t.product),
                ("input.categoryId", |t| &t.category),
                ("input.warehouseId", |t| &t.warehouse),
                ("input.recipientIds[]", |t| &t.membership),
                ("input.recipientRoleIds[]", |t| &t.role),
            ],
        ),
        case(
            "Mutation.stockAlertRuleUpdate",
            "mutation($input: StockAlertRuleUpdateInput!) { stockAlertRuleUpdate(input: $input) { stockAlertRule { kind } userErrors { code path message } } }",
            |t| json!({"input": {"id": t.rule, "enabled": false}}),
            &[("input.id", |t| &t.rule), ("input.recipientIds[]", |t| &t.membership), ("input.recipientRoleIds[]", |t| &t.role)],
        ),
        case(
            "Mutation.stockAlertRuleDelete",
            "mutation($input: StockAlertRuleDeleteInput!) { stockAlertRuleDelete(input: $input) { userErrors { code path message } } }",
            |t| json!({"input": {"id": t.rule}}),
            &[("input.id", |t| &t.rule)],
        ),
        case(
            "Mutation.stockAlertsAcknowledge",
            "mutation($input: StockAlertsAcknowledgeInput!) { stockAlertsAcknowledge(input: $input) { stockAlerts { state } userErrors { code path message } } }",
            |t| json!({"input": {"ids": [t.alert]}}),
            &[("input.ids[]", |t| &t.alert)],
        ),
        case(
            "Mutation.stockAlertsSnooze",
            "mutation($input: StockAlertsSnoozeInput!) { stockAlertsSnooze(input: $input) { stockAlerts { state } userErrors { code path message } } }",
            |t| json!({"input": {"ids": [t.alert], "untilRestock": true}}),
            &[("input.ids[]", |t| &t.alert)],
        ),
        case("Mutation.stockAlertsEvaluate", "mutation { stockAlertsEvaluate(input: {}) { job { kind } userErrors { code } } }", none, &[]),
        case("Subscription.stockAlertChanged", "subscription { stockAlertChanged(after: \"0\") { cursor alert { id } } }", none, &[]),
    ]
}

fn work() -> Vec<Case> {
    let none: fn(&Things) -> Value = |_| json!({});
    vec![
        case("Query.jobs", "{ jobs { totalCount nodes { id kind queue state attempts maxAttempts lastError } } }", none, &[]),
        case("Query.schedules", "{ schedules { name cron nextFireAt } }", none, &[]),
        case(
            "Mutation.jobRetry",
            "mutation($input: JobRetryInput!) { jobRetry(input: $input) { job { id } userErrors { code path message } } }",
            |t| json!({"input": {"id": t.job}}),
            &[("input.id", |t| &t.job)],
        ),
        case(
            "Mutation.jobDiscard",
            "mutation($input: JobDiscardInput!) { jobDiscard(input: $input) { job { id state } userErrors { code path message } } }",
            |t| json!({"input": {"id": t.job}}),
            &[("input.id", |t| &t.job)],
        ),
        case(
            "Mutation.queueLimit",
            "mutation { queueLimit(input: {queue: \"default\", perOrganization: 2}) { queue userErrors { code } } }",
            none,
            &[],
        ),
        case("Mutation.queuePause", "mutation { queuePause(input: {queue: \"default\"}) { queue userErrors { code } } }", none, &[]),
        case("Mutation.queueResume", "mutation { queueResume(input: {queue: \"default\"}) { queue userErrors { code } } }", none, &[]),
    ]
}

fn audit() -> Vec<Case> {
    vec![
        case(
            "Query.auditLog",
            "query($filter: AuditLogFilter) { auditLog(filter: $filter) { totalCount nodes { id action targetId actor { id } changes { field old new } } } }",
            |t| json!({"filter": {"targetId": t.product, "actorMembershipId": t.membership}}),
            &[("filter.targetId", |t| &t.product), ("filter.actorMembershipId", |t| &t.membership)],
        ),
        case(
            "Mutation.auditExport",
            "mutation { auditExport(input: {}) { export { expiresAt } userErrors { code } } }",
            |_| json!({}),
            &[],
        ),
    ]
}

fn files() -> Vec<Case> {
    vec![
        case(
            "Mutation.fileUploadCreate",
            "mutation { fileUploadCreate(input: {filename: \"a.csv\", contentType: \"text/csv\", sizeBytes: 3, purpose: IMPORT}) { upload { method } userErrors { code } } }",
            |_| json!({}),
            &[],
        ),
        case(
            "Mutation.fileUploadComplete",
            "mutation($input: FileUploadCompleteInput!) { fileUploadComplete(input: $input) { file { id } userErrors { code path message } } }",
            |t| json!({"input": {"uploadId": t.upload}}),
            &[("input.uploadId", |t| &t.upload)],
        ),
    ]
}

fn data_imports() -> Vec<Case> {
    vec![
        case(
            "Query.dataImport",
            "query($id: ID!) { dataImport(id: $id) { id state file { filename } rowErrors { totalCount nodes { id line column code message } } } }",
            |t| json!({"id": t.import}),
            &[("id", |t| &t.import)],
        ),
        case("Query.dataImports", "{ dataImports { totalCount nodes { id rowsTotal rowsDone file { id } } } }", |_| json!({}), &[]),
        case(
            "Mutation.dataImportStart",
            "mutation($input: DataImportStartInput!) { dataImportStart(input: $input) { dataImport { state } userErrors { code path message } } }",
            |t| json!({"input": {"kind": "STOCK_MOVEMENTS", "fileId": t.file, "warehouseId": t.warehouse}}),
            &[("input.fileId", |t| &t.file), ("input.warehouseId", |t| &t.warehouse)],
        ),
        case(
            "Mutation.dataImportCancel",
            "mutation($input: DataImportCancelInput!) { dataImportCancel(input: $input) { dataImport { state } userErrors { code path message } } }",
            |t| json!({"input": {"id": t.import}}),
            &[("input.id", |t| &t.import)],
        ),
        case(
            "Mutation.dataImportUndo",
            "mutation($input: DataImportUndoInput!) { dataImportUndo(input: $input) { dataImport { undoState } userErrors { code path message } } }",
            |t| json!({"input": {"id": t.imported}}),
            &[("input.id", |t| &t.imported)],
        ),
        case(
            "Subscription.dataImportProgressed",
            "subscription($id: ID!) { dataImportProgressed(dataImportId: $id) { cursor dataImport { state rowsDone } } }",
            |t| json!({"id": t.import}),
            &[("dataImportId", |t| &t.import)],
        ),
    ]
}

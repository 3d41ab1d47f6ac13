/// Every table whose rows belong to an organisation; a test compares the list with both databases.
pub(super) const TENANT_TABLES: &[&str] = &[
    "memberships",
    "roles",
    "role_grants",
    "membership_roles",
    "invitations",
    "invitation_roles",
    "idempotency_keys",
    "jobs",
    "streams",
    "stream_events",
    "units",
    "categories",
    "suppliers",
    "warehouses",
    "products",
    "stock_levels",
    "stock_movements",
    "service_days",
    "alert_tenants",
    "alert_marks",
    "alert_rules",
    "alert_rule_recipients",
    "alerts",
    "alert_transitions",
    "notifications",
    "notification_deliveries",
    "files",
    "file_uploads",
    "data_imports",
    "data_import_row_errors",
    "audit_events",
    "audit_seals",
];

pub(super) fn is_tenant_table(name: &str) -> bool {
    TENANT_TABLES.contains(&name)
}

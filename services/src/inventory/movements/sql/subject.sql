SELECT p.archived_at, u.decimals, w.id AS warehouse_id, o.negative_stock_policy AS policy, o.currency, o.time_zone, l.on_hand
FROM products p
JOIN units u ON u.tenant_id = p.tenant_id AND u.id = p.unit_id
JOIN organizations o ON o.id = p.tenant_id
LEFT JOIN warehouses w ON w.tenant_id = :tenant AND w.id = :warehouse
LEFT JOIN stock_levels l ON l.tenant_id = :tenant AND l.product_id = p.id AND l.warehouse_id = :warehouse
WHERE p.tenant_id = :tenant AND p.id = :product

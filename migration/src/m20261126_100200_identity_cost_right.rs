//! To see what things cost is a right of its own. Own roles that could see it before, with the products or with the stock, still can.

use crate::dialect::Plain;

pub const STEP: Plain = Plain { name: "m20261126_100200_identity_cost_right", up: UP, down: DOWN };

const UP: &str = "
INSERT INTO role_grants (tenant_id, id, role_id, permission, reach)
SELECT r.tenant_id,
  gen_random_uuid(), -- postgres
  randomblob(16), -- sqlite
  r.id, 'inventory.cost.read', 'ORG'
FROM roles r WHERE EXISTS (SELECT 1 FROM role_grants g WHERE g.tenant_id = r.tenant_id AND g.role_id = r.id
  AND g.permission IN ('inventory.product.read', 'inventory.stock.read'))
";

const DOWN: &str = "
DELETE FROM role_grants WHERE permission = 'inventory.cost.read'
";

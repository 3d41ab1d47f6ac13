//! To see movements is a right of its own, which may reach one's own or one's teams' alone. Own roles that could see them
//! before, by the right to see stock, still can.

use crate::dialect::Plain;

pub const STEP: Plain = Plain { name: "m20261126_100100_identity_movement_right", up: UP, down: DOWN };

const UP: &str = "
INSERT INTO role_grants (tenant_id, id, role_id, permission, reach)
SELECT g.tenant_id,
  gen_random_uuid(), -- postgres
  randomblob(16), -- sqlite
  g.role_id, 'inventory.stock_movement.read', g.reach
FROM role_grants g WHERE g.permission = 'inventory.stock.read'
";

const DOWN: &str = "
DELETE FROM role_grants WHERE permission = 'inventory.stock_movement.read'
";

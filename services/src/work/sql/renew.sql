-- A row that is locked is being completed; it needs no more time, and waiting for it could hold up its neighbours.
UPDATE jobs SET lease_until = :until WHERE id IN (
  SELECT j.id FROM :rows(r: id uuid, token uuid) JOIN jobs j ON j.id = r.id
  WHERE j.state = 'RUNNING' AND j.lease_token = r.token
  FOR UPDATE OF j SKIP LOCKED -- postgres
)

SELECT r.id FROM :rows(r: id uuid, token uuid) WHERE NOT EXISTS (
  SELECT 1 FROM jobs j WHERE j.id = r.id AND (j.state = 'COMPLETED' OR (j.state = 'RUNNING' AND j.lease_token = r.token)))

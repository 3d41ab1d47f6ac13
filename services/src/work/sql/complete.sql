UPDATE jobs SET state = 'COMPLETED', lease_until = NULL, lease_token = NULL, finished_at = :now
WHERE tenant_id = :tenant AND id = :id AND state = 'RUNNING' AND lease_token = :token

-- Locked where there is a limit: claims that must count the same running jobs go one after the other.
SELECT q.paused, q.tenant_limit FROM queues q
WHERE q.name = :queue AND (q.paused OR q.tenant_limit IS NOT NULL)
FOR UPDATE -- postgres

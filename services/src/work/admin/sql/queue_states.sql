SELECT q.name, q.paused, q.tenant_limit FROM queues q

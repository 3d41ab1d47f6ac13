SELECT q.name, q.paused FROM queues q

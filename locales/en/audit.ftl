audit-export-header = instant, actor, name, membership, action, outcome, target type, target, changes, operation, request, address, program, id

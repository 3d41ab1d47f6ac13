SELECT s.tenant_id, s.stream, s.seq
FROM :rows(r: tenant_id uuid, stream text) JOIN streams s ON s.tenant_id = r.tenant_id AND s.stream = r.stream

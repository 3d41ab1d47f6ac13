SELECT CAST(COALESCE(SUM(d.lines), 0) AS bigint) AS lines, CAST(COALESCE(SUM(d.short_lines), 0) AS bigint) AS short_lines,
  CAST(COALESCE(SUM(d.delivered), 0) AS bigint) AS delivered
FROM service_days d WHERE d.tenant_id = :tenant AND d.day > :after AND d.day <= :today

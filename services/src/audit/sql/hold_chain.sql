SELECT 1 AS held FROM (SELECT pg_advisory_xact_lock(hashtextextended('audit:' || CAST(:tenant AS text), 0))) l

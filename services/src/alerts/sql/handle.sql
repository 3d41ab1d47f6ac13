UPDATE alerts SET state = :state, quiet_until = :until, version = version + 1,
  acknowledged_at = CASE WHEN :acknowledges THEN :now ELSE acknowledged_at END,
  acknowledged_by = CASE WHEN :acknowledges THEN :by ELSE acknowledged_by END
WHERE tenant_id = :tenant AND id :in(ids)

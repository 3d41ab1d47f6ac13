UPDATE alert_transitions SET noticed_at = :now
WHERE alert_transitions.tenant_id = :tenant AND alert_transitions.notice IS NOT NULL AND alert_transitions.noticed_at IS NULL
RETURNING alert_id, notice

UPDATE notification_deliveries SET state = 'READ', updated_at = :now
WHERE tenant_id = :tenant AND notification_id :in(notifications) AND channel = 'IN_APP' AND state = 'DELIVERED'

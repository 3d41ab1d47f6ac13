SELECT o.negative_stock_policy AS policy, o.time_zone FROM organizations o WHERE o.id = :tenant

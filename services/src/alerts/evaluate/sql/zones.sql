SELECT DISTINCT o.time_zone FROM organizations o

DELETE FROM ev_rule

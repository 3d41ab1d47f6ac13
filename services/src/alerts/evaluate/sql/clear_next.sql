DELETE FROM ev_next

ANALYZE ev_fact

ANALYZE ev_open

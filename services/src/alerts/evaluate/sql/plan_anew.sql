-- Sets are as large as they are today, and may well be read whole. They are joined as written, small ones first: to weigh the
-- orders of eight joins costs more than the joins.
SELECT set_config('plan_cache_mode', 'auto', true), set_config('enable_seqscan', 'on', true),
  set_config('default_statistics_target', '5', true), set_config('random_page_cost', '1.1', true),
  set_config('join_collapse_limit', '1', true)

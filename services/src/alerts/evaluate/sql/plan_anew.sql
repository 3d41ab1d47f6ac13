-- Sets are as large as they are today, and may well be read whole; what is joined is joined in the order it is written.
SELECT set_config('plan_cache_mode', 'auto', true), set_config('enable_seqscan', 'on', true),
  set_config('default_statistics_target', '5', true), set_config('random_page_cost', '1.1', true),
  set_config('join_collapse_limit', '1', true)

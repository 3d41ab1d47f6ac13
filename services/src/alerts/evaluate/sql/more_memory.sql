SET LOCAL work_mem = '192MB'

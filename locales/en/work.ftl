job-retry-state = This job is already waiting, running or done: there is nothing to retry.
job-retry-unique = The same job is already waiting. It will do this work.
job-discard-state = Only a job that is waiting or has failed can be discarded.
queue-unknown = There is no such queue.
schedule-unknown = There is no such schedule.
job-unknown = There is no such job.

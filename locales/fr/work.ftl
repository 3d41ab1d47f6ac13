job-retry-state = Cette tâche attend déjà, s'exécute ou est terminée : il n'y a rien à relancer.
job-retry-unique = La même tâche attend déjà. Elle fera ce travail.
job-discard-state = Seule une tâche en attente ou en échec peut être abandonnée.
queue-unknown = Cette file n'existe pas.
schedule-unknown = Cette programmation n'existe pas.
job-unknown = Cette tâche n'existe pas.

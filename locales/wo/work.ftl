job-retry-state = Liggéey bii mu ngi xaar, mu ngi daw walla mu sotti : amul lu ñuy tàmbaliwaat.
job-retry-unique = Benn liggéey bii nekk na ci xaar. Moom lay def.
job-discard-state = Liggéey bu nekk ci xaar walla bu antuwul rekk lañu mëna bàyyi.
queue-unknown = Toppante boobu amul.
schedule-unknown = Waxtu boobu amul.
job-unknown = Liggéey boobu amul.

SELECT u.id FROM file_uploads u WHERE u.id :in(ids) AND u.state <> 'COMPLETED'

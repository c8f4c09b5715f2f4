# One process that knows everything its caches hold; dashboards wait for databases, so threads are enough. Charts on Hive wait for
# each other: there are more threads than a dashboard has of those.
bind = "${bind}:${port}"
workers = 1
worker_class = "gthread"
threads = 12
# A worker that is busy for so long is restarted; no query may take longer either.
timeout = 90
graceful_timeout = 8
keepalive = 5
accesslog = None
errorlog = "-"
loglevel = "warning"
worker_tmp_dir = "${tmpDir}"
control_socket_disable = True

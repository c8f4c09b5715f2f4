"""Superset for Aviary: one worker on loopback, embedded in the console, metadata in SQLite unless told otherwise."""

import logging
import sqlite3
import threading
from contextlib import contextmanager

from sqlalchemy import event
from sqlalchemy.engine import Engine
from superset.utils.log import AbstractEventLogger

SQLALCHEMY_DATABASE_URI = ${databaseUri}
SECRET_KEY = ${secretKey}


@event.listens_for(Engine, "connect")
def tune_sqlite(connection, _record):
    """Readers do not wait for the one writer (the file itself is in WAL mode), and a second writer waits instead of failing."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA busy_timeout = 10000")


class NoEventLog(AbstractEventLogger):
    """Superset would otherwise keep a row of every request of every viewer for ever, and complain that guests are no users."""

    def log_with_context(self, *args, **kwargs):
        pass

    def log(self, *args, **kwargs):
        pass


EVENT_LOGGER = NoEventLog()
SUPERSET_LOG_VIEW = False
LOG_LEVEL = logging.INFO
LOG_FORMAT = "%(asctime)sZ %(levelname)s %(name)s: %(message)s"
# What each start and each query says, and what libraries have to say about each other.
for noisy in ("alembic", "werkzeug", "flask_appbuilder", "pyhive", "superset.utils.logging_configurator"):
    logging.getLogger(noisy).setLevel(logging.WARNING)
logging.getLogger("py.warnings").setLevel(logging.ERROR)

# --- Embedding
FEATURE_FLAGS = {"EMBEDDED_SUPERSET": True}
GUEST_ROLE_NAME = ${guestRole}
GUEST_TOKEN_JWT_SECRET = ${guestSecret}
GUEST_TOKEN_JWT_AUDIENCE = "aviary-superset"
GUEST_TOKEN_JWT_EXP_SECONDS = ${guestTokenSeconds}
CONSOLE_ORIGINS = ${origins}
TALISMAN_ENABLED = True
TALISMAN_CONFIG = {
    # The default without its external hosts: nothing is loaded from, or told to, anybody else.
    "content_security_policy": {
        "base-uri": ["'self'"],
        "default-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "object-src": "'none'",
        "style-src": ["'self'", "'unsafe-inline'"],
        "font-src": ["'self'", "data:"],
        "script-src": ["'self'", "'strict-dynamic'"],
        "frame-ancestors": ["'self'", *CONSOLE_ORIGINS],
    },
    "content_security_policy_nonce_in": ["script-src"],
    # X-Frame-Options knows no list of origins; frame-ancestors says who may frame.
    "frame_options": None,
    "force_https": False,
    "session_cookie_secure": False,
}
ENABLE_CORS = False
# Cookies are shared by all ports of a host: an own name keeps another Superset on this machine signed in.
SESSION_COOKIE_NAME = "aviary_superset"
SESSION_COOKIE_SAMESITE = "Lax"
# The console mints guest tokens with a bearer token alone; a browser cannot be made to send one.
WTF_CSRF_EXEMPT_LIST = [
    "superset.charts.data.api.data",
    "superset.dashboards.api.cache_dashboard_screenshot",
    "superset.views.core.explore_json",
    "superset.views.core.log",
    "superset.views.datasource.views.samples",
    "superset.security.api.guest_token",
]
RATELIMIT_ENABLED = True
RATELIMIT_STORAGE_URI = "memory://"
# A dashboard's first visit asks for a hundred files at once; only signing in is to be slow.
RATELIMIT_APPLICATION = "2000 per second"

# --- Queries. Ranges end now, not at midnight, or "last hour" would be empty or an error.
DEFAULT_RELATIVE_START_TIME = "now"
DEFAULT_RELATIVE_END_TIME = "now"
ROW_LIMIT = 10000
SQL_MAX_ROW = 10000
SAMPLES_ROW_LIMIT = 100
FILTER_SELECT_ROW_LIMIT = 1000
SUPERSET_WEBSERVER_TIMEOUT = 60
SQLLAB_TIMEOUT = 60
# How often SQL Lab asks Hive whether a query has ended; every five seconds otherwise.
DB_POLL_INTERVAL_SECONDS = {"hive": 1}
PREVENT_UNSAFE_DB_CONNECTIONS = True
DATASET_IMPORT_ALLOWED_DATA_URLS = []

HIVE = threading.RLock()


@contextmanager
def one_hive_query_at_a_time(database, _catalog, _schema):
    """Tez inside Hive's process breaks tasks of a query off when another query ends, and runs them again: asked in turn, all are faster."""
    if database.backend != "hive":
        yield
        return
    if not HIVE.acquire(timeout=50):
        raise TimeoutError("Hive is busy with other charts. Try again.")
    try:
        yield
    finally:
        HIVE.release()


ENGINE_CONTEXT_MANAGER = one_hive_query_at_a_time

# --- Caches live in the one worker: all viewers of a dashboard share its queries, and nothing is left behind by a stop.
CACHE_CONFIG = {"CACHE_TYPE": "SimpleCache", "CACHE_DEFAULT_TIMEOUT": 300, "CACHE_THRESHOLD": 500}
DATA_CACHE_CONFIG = {"CACHE_TYPE": "SimpleCache", "CACHE_DEFAULT_TIMEOUT": 5, "CACHE_THRESHOLD": 100}
FILTER_STATE_CACHE_CONFIG = {"CACHE_TYPE": "SimpleCache", "CACHE_DEFAULT_TIMEOUT": 86400, "CACHE_THRESHOLD": 1000}
EXPLORE_FORM_DATA_CACHE_CONFIG = {"CACHE_TYPE": "SimpleCache", "CACHE_DEFAULT_TIMEOUT": 86400, "CACHE_THRESHOLD": 1000}
# Auto-refresh reads those caches too, instead of asking the databases once for each viewer.
DASHBOARD_AUTO_REFRESH_MODE = "fetch"

# --- Languages
BABEL_DEFAULT_LOCALE = "en"
LANGUAGES = {"en": {"flag": "us", "name": "English"}, "es": {"flag": "es", "name": "Español"}}

# --- What is not needed: workers of its own, mail, pictures, an API browser, changes of permissions at every start.
CELERY_CONFIG = None
FAB_UPDATE_PERMS = False
FAB_API_SWAGGER_UI = False
APP_NAME = "Aviary"


def FLASK_APP_MUTATOR(app):
    """Embedded pages are shown in the language of the console, which asks for it with `lang`."""
    from flask import request, session

    @app.before_request
    def choose_language():
        if request.args.get("lang") in LANGUAGES:
            session["locale"] = request.args["lang"]

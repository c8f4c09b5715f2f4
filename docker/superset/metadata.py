"""
Superset's metadata database: tables, roles and accounts.

    metadata.py build FOLDER     makes one without anything in it: part of the artifact, so that no start pays for it
    metadata.py prepare FILE     makes the database of a service ready, as FILE (JSON) says; safe to repeat and to interrupt

Everything that may come from elsewhere (passwords, addresses) is read from files, never from the command line.
"""

import json
import os
import secrets
import shutil
import sqlite3
import sys

TEMPLATE = "metadata.db"
GUEST = "AviaryGuest"
BROKER = "AviaryBroker"

# What an embedded dashboard asks for on behalf of its guest; which one it may see stands in the guest's token.
GUEST_MAY = [
    ("can_read", "Dashboard"),
    ("can_read", "Chart"),
    ("can_read", "Dataset"),
    ("can_read", "EmbeddedDashboard"),
    ("can_read", "CurrentUserRestApi"),
    ("can_time_range", "Api"),
    ("can_read", "DashboardFilterStateRestApi"),
    ("can_write", "DashboardFilterStateRestApi"),
    ("can_log", "Superset"),
]
# A frame asks for the texts of its language before its guest's token is there; they are the same for everybody.
PUBLIC_MAY = [("can_language_pack", "Superset")]
# The account that the console mints guests' tokens with can do nothing else.
BROKER_MAY = [("can_read", "SecurityRestApi"), ("can_grant_guest_token", "SecurityRestApi")]

# Accounts and their roles; `prepare` is told their passwords.
ACCOUNTS = {"admin": "Admin", "aviary-broker": BROKER}


def migrate(passwords: dict) -> None:
    """Brings the configured database to this version of Superset, whatever it holds, with our roles and accounts."""
    import flask_migrate
    import superset
    from superset.app import create_app

    app = create_app()
    with app.app_context():
        flask_migrate.upgrade(directory=os.path.join(os.path.dirname(superset.__file__), "migrations"))
        superset.appbuilder.add_permissions(update_perms=True)
        manager = superset.security_manager
        manager.sync_role_definitions()
        for name, may in ((GUEST, GUEST_MAY), (BROKER, BROKER_MAY), ("Public", PUBLIC_MAY)):
            role = manager.find_role(name) or manager.add_role(name)
            role.permissions = [manager.add_permission_view_menu(*permission) for permission in may]
        superset.db.session.commit()
        for name, role in ACCOUNTS.items():
            user = manager.find_user(name)
            if user is None:
                mail = f"{name}@localhost.local"
                user = manager.add_user(name, "Aviary", name, mail, manager.find_role(role), password=passwords[name])
            else:
                manager.reset_password(user.id, passwords[name])
                user.roles, user.active = [manager.find_role(role)], True
        superset.db.session.commit()


def set_passwords(file: str, passwords: dict) -> None:
    """Without loading Superset, which takes seconds."""
    from werkzeug.security import generate_password_hash

    connection = sqlite3.connect(file)
    with connection:
        for name in ACCOUNTS:
            values = (generate_password_hash(passwords[name]), name)
            connection.execute("UPDATE ab_user SET password = ? WHERE username = ?", values)
    # Everything goes into the one file, which is about to be moved.
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def build(folder: str) -> None:
    file = os.path.join(os.path.abspath(folder), TEMPLATE)
    config = os.path.join(folder, "build_config.py")
    with open(config, "w", encoding="utf-8") as out:
        out.write(f"SQLALCHEMY_DATABASE_URI = {f'sqlite:///{file}?check_same_thread=false'!r}\n")
        # Nothing is encrypted in an empty database; the service has keys of its own.
        out.write(f"SECRET_KEY = {secrets.token_hex(32)!r}\nFEATURE_FLAGS = {{'EMBEDDED_SUPERSET': True}}\n")
        out.write("RATELIMIT_STORAGE_URI = 'memory://'\n")
    os.environ["SUPERSET_CONFIG_PATH"] = config
    os.environ["SUPERSET_HOME"] = folder
    migrate({name: secrets.token_hex(32) for name in ACCOUNTS})
    os.remove(config)
    connection = sqlite3.connect(file)
    connection.execute("VACUUM")
    # The mode is a property of the file: readers and the one writer do not wait for each other.
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()


def prepare(file: str) -> None:
    with open(file, encoding="utf-8") as source:
        wanted = json.load(source)
    passwords, database = wanted["passwords"], wanted["sqliteFile"]
    if database is None or os.path.exists(database):
        migrate(passwords)
    else:
        part = f"{database}.part"
        shutil.copyfile(wanted["template"], part)
        os.chmod(part, 0o600)
        set_passwords(part, passwords)
        os.rename(part, database)
    with open(wanted["doneFile"], "w", encoding="utf-8"):
        pass


if __name__ == "__main__":
    {"build": build, "prepare": prepare}[sys.argv[1]](sys.argv[2])

"""Bringing a database up to this release with Alembic.

Imported only when there is something to do: Alembic and its SQLAlchemy cost a start half a second and 20 MB.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, pool
from sqlalchemy.engine import URL, make_url

MIGRATIONS = Path(__file__).parent / "migrations"
_MIGRATION_LOCK = 7_317_001  # any number of ours: who starts first migrates, the others wait


def config() -> Config:
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return made


def _sqlalchemy_url(url: str) -> URL:
    return make_url(url.replace("postgres://", "postgresql://", 1)).set(drivername="postgresql+psycopg")


def migrate(url: str) -> None:
    """Bring the database up to this release; safe to run from several processes at once."""
    engine = create_engine(_sqlalchemy_url(url), poolclass=pool.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"SELECT pg_advisory_lock({_MIGRATION_LOCK})")
        connection.commit()
        try:
            made = config()
            made.attributes["connection"] = connection
            command.upgrade(made, "head")
            connection.commit()
        finally:
            connection.exec_driver_sql(f"SELECT pg_advisory_unlock({_MIGRATION_LOCK})")
            connection.commit()
    engine.dispose()

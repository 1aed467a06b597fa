"""Alembic's entry: the schema of core.models on the configured database, inside one transaction."""

from alembic import context

from core.db import engine
from core.models import Base

with engine().connect() as connection:
    # Two processes that start at once must not migrate at once.
    connection.exec_driver_sql("select pg_advisory_lock(4711)")
    context.configure(connection=connection, target_metadata=Base.metadata, compare_server_default=False)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
    connection.exec_driver_sql("select pg_advisory_unlock(4711)")
    connection.commit()

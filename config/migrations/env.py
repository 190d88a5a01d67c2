"""Alembic's entry: runs the migrations over the connection that config/database.py hands in.

A folder to the left imports nothing from the right, so the migrations spell their tables out and the test
tests/config/test_database.py compares the result with the `tables.py` files.
"""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection, render_as_batch=connection.dialect.name == "sqlite")
with context.begin_transaction():
    context.run_migrations()

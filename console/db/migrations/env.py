"""What Alembic runs: on the connection that it is given, inside that connection's transaction."""

from alembic import context

from console.db.partitions import is_partition
from console.db.schema import metadata


def include_name(name: str | None, kind: str, _parents: object) -> bool:
    """Monthly partitions come and go by the calendar, not by revisions."""
    return kind != "table" or name is None or not is_partition(name)


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    include_name=include_name,
    compare_type=True,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()

"""Migration operations that put a client company's rows behind forced row-level security."""

from typing import Literal

from django.db.migrations.operations import RunSQL

Scope = Literal["content", "directory"]
_ALLOWED = {"content": "allowed_clients", "directory": "listed_clients"}


class IsolateByClient(RunSQL):
    """Force row-level security on ``table``.

    ``content`` rows open to those who hold a grant on the client (and to its members); ``directory`` rows, which
    say who the clients are and who serves them, open to overseers as well. The table's owner, used by migrations
    alone, sees everything.
    """

    reversible = True

    def __init__(self, table: str, *, scope: Scope = "content", column: str = "client_id") -> None:
        self._given = {"scope": scope, "column": column}
        self._table = table
        test = f"{column} = any ((select {_ALLOWED[scope]}())::bigint[])"
        if column == "id":  # the list of clients itself: a new client is in nobody's list yet
            test = f"((select oversees()) or {test})"
        super().__init__(
            sql=f"""
                alter table {table} enable row level security;
                alter table {table} force row level security;
                create policy client on {table} using ({test}) with check ({test});
                do $$ begin
                    execute format('create policy owner on {table} to %I using (true) with check (true)', current_user);
                end $$;
            """,
            reverse_sql=f"""
                drop policy owner on {table};
                drop policy client on {table};
                alter table {table} no force row level security;
                alter table {table} disable row level security;
            """,
        )

    def deconstruct(self) -> tuple[str, list[object], dict[str, object]]:
        return self.__class__.__name__, [self._table], dict(self._given)

    def describe(self) -> str:
        return f"Isolate {self._table} by client"

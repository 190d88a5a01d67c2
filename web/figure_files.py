"""The table behind a chart, as a file."""

import io
from collections.abc import Iterable

from flask import Response, abort

from engage.analytics import Slice
from engage.export import write_csv
from web.charts import Figure


def csv_file(figures: Iterable[Figure], name: str, chosen: Slice) -> Response:
    """The one of that name; an answer of 404 where there is none."""
    figure = next((figure for figure in figures if figure.name == name), None) or abort(404)
    text = io.StringIO()
    write_csv(figure.table.as_rows(), text)
    file = f"{name}-{chosen.first}-{chosen.last}.csv"
    return Response(
        text.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{file}"'},
    )

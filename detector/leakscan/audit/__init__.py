"""Audit of a log store: which secrets a ClickHouse already holds, in which rows, and since when.

    catalog (tables, columns) -> a query for each part -> blocks of rows -> prefilter -> findings -> journal

Everything is read with `SELECT`, one part of a table at a time; nothing is ever written to the store. What
was found goes through a journal (`journal`), so that an audit that was ended goes on where it was.

Not here: what a secret is (`scanner`, `records`), how findings are shown (`report`), options (`cli.audit`).
"""

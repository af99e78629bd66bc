"""An OpenDocument spreadsheet written by hand, so that the same cells are always the same bytes."""

import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from xml.sax.saxutils import escape

MEDIA_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
XML_START = '<?xml version="1.0" encoding="UTF-8"?>\n'
OASIS = "urn:oasis:names:tc:opendocument:xmlns"
NAMESPACES = " ".join(
    f'xmlns:{prefix}="{OASIS}:{name}:1.0"'
    for prefix, name in (
        ("office", "office"),
        ("table", "table"),
        ("text", "text"),
        ("meta", "meta"),
    )
)
DUBLIN_CORE = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
EARLIEST_ZIP_TIME = (1980, 1, 1, 0, 0, 0)


def ods_bytes(
    rows: Sequence[Sequence[object]], sheet: str, title: str, written_at: datetime
) -> bytes:
    """One sheet of typed cells (text, numbers, dates)."""
    parts = {
        "mimetype": MEDIA_TYPE,
        "META-INF/manifest.xml": manifest(),
        "meta.xml": meta(title, written_at),
        "content.xml": content(rows, sheet),
    }
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, text in parts.items():
            entry = zipfile.ZipInfo(name, EARLIEST_ZIP_TIME)
            is_first = name == "mimetype"  # the format wants it uncompressed
            entry.compress_type = zipfile.ZIP_STORED if is_first else zipfile.ZIP_DEFLATED
            archive.writestr(entry, text.encode("utf-8"))
    return target.getvalue()


def manifest() -> str:
    entries = "".join(
        f'<manifest:file-entry manifest:full-path="{path}" manifest:media-type="{kind}"/>'
        for path, kind in (("/", MEDIA_TYPE), ("content.xml", "text/xml"), ("meta.xml", "text/xml"))
    )
    return (
        f'{XML_START}<manifest:manifest xmlns:manifest="{OASIS}:manifest:1.0" '
        f'manifest:version="1.2">{entries}</manifest:manifest>'
    )


def meta(title: str, written_at: datetime) -> str:
    return (
        f'{XML_START}<office:document-meta {NAMESPACES} {DUBLIN_CORE} office:version="1.2">'
        f"<office:meta><dc:title>{escape(title)}</dc:title>"
        f"<meta:creation-date>{written_at.isoformat()}</meta:creation-date>"
        "</office:meta></office:document-meta>"
    )


def content(rows: Sequence[Sequence[object]], sheet: str) -> str:
    lines = "".join(
        f"<table:table-row>{''.join(map(cell_xml, row))}</table:table-row>" for row in rows
    )
    return (
        f'{XML_START}<office:document-content {NAMESPACES} office:version="1.2">'
        "<office:body><office:spreadsheet>"
        f'<table:table table:name="{escape(sheet)}">{lines}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )


def cell_xml(cell: object) -> str:
    if cell is None or cell == "":
        return "<table:table-cell/>"
    if isinstance(cell, date):
        kind, shown = f'"date" office:date-value="{cell.isoformat()}"', f"{cell:%d/%m/%Y}"
    elif isinstance(cell, int | float):
        kind, shown = f'"float" office:value="{cell}"', str(cell).replace(".", ",")
    else:
        kind, shown = '"string"', str(cell)
    return (
        f"<table:table-cell office:value-type={kind}>"
        f"<text:p>{escape(shown)}</text:p></table:table-cell>"
    )

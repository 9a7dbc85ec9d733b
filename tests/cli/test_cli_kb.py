"""Articles as a folder of Markdown with its pictures: written, and brought in again."""

from __future__ import annotations

import struct
from pathlib import Path

from console.cli import handbook
from console.errors import BadInput
from console.ids import new_id
from console.kb.article import Text
from console.kb.brought import Brought
from console.kb.pictures import PICTURE_BYTES_MAX
from console.people.who import OPERATOR
from console.services import authoring, bringing
from console.services.authoring import New
from console.services.bringing import Outcome
from console.services.context import Context


def png(wide: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", wide, 1) + b"\0" * 9


async def brought(ctx: Context, root: Path) -> list[tuple[str, Brought | BadInput]]:
    pictures = handbook.Pictures(ctx, OPERATOR, root)
    return [await pictures.put(row) for row in handbook.rows(root, handbook.files(root))]


async def outcomes(ctx: Context, root: Path) -> list[Outcome]:
    rows = [row for _, row in await brought(ctx, root) if isinstance(row, Brought)]
    return [result.outcome for result in await bringing.bring_in(ctx, OPERATOR, rows, publish=False, topic=None)]


async def test_what_is_exported_comes_in_again_with_its_pictures(ctx: Context, tmp_path: Path) -> None:
    image = await authoring.put_image(ctx, OPERATOR, content=png(7))
    body = f"See ![the light](image:{image}).\n\n    ![no](image:{image})\n\n![gone](image:{new_id()})"
    text = Text(title="Red light", body=body, keywords=("red",))
    number = (
        await authoring.create(ctx, OPERATOR, new=New(lang="en", text=text, topic="Fibre", external_id="r"))
    ).article.number

    counts = await handbook.write(ctx, OPERATOR, tmp_path)
    file = tmp_path / f"{number}.en.md"
    written = file.read_text()
    same = await outcomes(ctx, tmp_path)
    file.write_text(written.replace("id: r\n", "id: copy\n"))
    copied = await outcomes(ctx, tmp_path)

    assert counts == (1, 1)
    assert (tmp_path / f"images/{image}.png").read_bytes() == png(7)
    assert f"![the light](images/{image}.png)" in written
    assert (same, copied) == ([Outcome.UNCHANGED], [Outcome.MADE])
    assert [taken.body async for taken in bringing.take_out(ctx, OPERATOR)] == [body, body]


async def test_pictures_are_taken_from_within_the_folder_alone_and_within_bounds(ctx: Context, tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(png(1))
    root = tmp_path / "wiki"
    (root / "Fibre" / "my pics").mkdir(parents=True)
    (root / "Fibre" / "my pics" / "ä.png").write_bytes(png(2))
    (root / "link.png").symlink_to(tmp_path / "secret.png")
    (root / "large.png").write_bytes(png(3) + b"\0" * PICTURE_BYTES_MAX)
    (root / "words.png").write_text("no picture")
    pages = {
        "Fibre/a": "![a](<my pics/ä.png>) ![a](my%20pics/%C3%A4.png)",
        "b": "![b](../secret.png) ![b](link.png) ![b](/etc/hostname) ![b](missing.png) ![b](https://x.example/y.png) ![b](a%00b)",
        "c": "![c](large.png)",
        "d": "![d](words.png)",
    }
    for name, text in pages.items():
        (root / f"{name}.md").write_text(text)

    rows = {Path(where).stem: row for where, row in await brought(ctx, root)}

    a, b = rows["a"], rows["b"]
    assert isinstance(a, Brought)
    assert isinstance(b, Brought)
    assert a.body.count("](image:") == 2
    assert b.body == pages["b"]
    for name, said in (("c", "large.png: At most 900 kB."), ("d", "words.png: A picture")):
        refused = rows[name]
        assert isinstance(refused, BadInput)
        assert refused.errors[0].detail.startswith(said)

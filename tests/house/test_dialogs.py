"""Every dialog says in its title what it is."""

import ast

from tests.house.tree import named, sources


def test_every_dialog_has_a_title() -> None:
    untitled = []
    for file in sources():
        text = file.read_text("utf-8")
        for found in ast.walk(ast.parse(text)):
            if isinstance(found, ast.ClassDef) and any(
                ast.unparse(base) in ("QDialog", "ToolDialog", "QtWidgets.QDialog") for base in found.bases
            ):
                words = ast.unparse(found)
                if "setWindowTitle(" not in words and found.name != "ToolDialog":
                    untitled.append(f"{named(file)}: {found.name}")
    assert not untitled, untitled

"""Modules of a page as one script."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from heliograph.app.pages.bundle import script, sheet
from heliograph.app.pages.static_files import FILES, SCRIPTS, SHEETS, plain


def bundled(files: Mapping[str, str], entry: str = "a.js") -> str:
    return str(script(entry, files.__getitem__))


def test_each_module_stands_once_before_those_that_need_it() -> None:
    files = {
        "a.js": 'import { b } from "./in/b.js";\nimport * as c from "./c.js";\nimport "./d.js";\nb(c);\n',
        "in/b.js": 'import { c as other } from "../c.js";\nexport async function b() {}\n',
        "c.js": "export const c = 1;\nexport class C {}\n",
        "d.js": "go();\n",
    }
    assert bundled(files) == (
        "const $c = (() => {\nconst c = 1;\nclass C {}\nreturn { c: c, C: C };\n})();\n"
        "const $in_b = (() => {\nconst { c: other } = $c;\nasync function b() {}\nreturn { b: b };\n})();\n"
        "const $d = (() => {\ngo();\nreturn {  };\n})();\n"
        "(() => {\nconst { b } = $in_b;\nconst c = $c;\n\nb(c);\nreturn {  };\n})();\n"
    )


def test_lists_of_exports_may_rename_and_pass_on() -> None:
    files = {
        "a.js": 'export { one as uno, two } from "./b.js";\nconst x = 1;\nexport { x };\n',
        "b.js": "export const one = 1;\nexport const two = 2;\n",
    }
    assert "return { uno: $b.one, two: $b.two, x: x };" in bundled(files)
    assert bundled(files).endswith("export const { uno, two, x } = $a;\n")


@pytest.mark.parametrize(
    "line",
    ["export let x = 1;", "export default 1;", 'import x from "./b.js";', 'export * from "./b.js";', 'import "b";'],
)
def test_a_form_that_is_not_taken_is_named_with_its_line(line: str) -> None:
    with pytest.raises(ValueError, match=r"a\.js, line 2: a bundle does not take '" + line[:6]):
        bundled({"a.js": f"// A module.\n{line}\n", "b.js": ""})


def test_modules_that_import_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match=r"a\.js > b\.js > a\.js"):
        bundled({"a.js": 'import { b } from "./b.js";\n', "b.js": 'import { a } from "./a.js";\n'})


def test_sheets_stand_where_they_are_imported() -> None:
    files = {"css/a.css": '/* All. */\n@import "b.css";\np {}\n', "css/b.css": "b {}\n"}
    assert sheet("css/a.css", files.__getitem__) == "/* All. */\nb {}\np {}\n"


def test_what_pages_load_is_one_script_and_holds_every_module() -> None:
    held = "".join(plain(name).decode() for name in SCRIPTS)
    modules = [name for name in FILES if name.startswith("js/")]
    assert len(modules) > 50
    for name in modules:
        comment = FILES[name].read_text("utf-8").splitlines()[0]
        assert comment in held, f"{name} is not a part of any page"
    for name in SHEETS:
        assert b"@import" not in plain(name)

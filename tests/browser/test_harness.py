"""The harness itself: it must see what goes wrong, and what goes right must reach the kernel."""

from __future__ import annotations

import pytest

from tests.browser.lab import Notebook

pytestmark = pytest.mark.browser

COUNTER = """
import anywidget, traitlets

class Counter(anywidget.AnyWidget):
    _esm = '''
    export default {
      render({ model, el }) {
        const field = document.createElement("input");
        field.className = "typed";
        field.setAttribute("data-lm-suppress-shortcuts", "true");
        field.addEventListener("keydown", (event) => event.stopPropagation());
        field.addEventListener("input", () => {
          model.set("text", field.value);
          model.save_changes();
        });
        const count = document.createElement("output");
        const shown = () => { count.textContent = String(model.get("count")); };
        model.on("change:count", shown);
        shown();
        el.append(field, count);
      },
    };
    '''
    count = traitlets.Int(3).tag(sync=True)
    text = traitlets.Unicode().tag(sync=True)
    blob = traitlets.Bytes().tag(sync=True)

counter = Counter()
counter
"""


def test_page_and_kernel_agree(notebook):
    book = notebook([COUNTER, "print('done')"])
    shown = book.page.locator("output")
    shown.filter(has_text="3").wait_for()
    book.kernel.run("counter.count = 41; counter.count += 1")
    shown.filter(has_text="42").wait_for()
    book.kernel.run("counter.blob = bytes(range(256))")  # travels as a binary frame
    book.kernel.wait_for("counter.count", 42)
    assert book.cells()[1]["outputs"][0]["text"] == "done\n"


def test_keys_typed_in_a_widget_stay_in_it(notebook):
    book = notebook([COUNTER])
    before = len(book.cells())
    book.page.locator("input.typed").click()
    book.page.keyboard.type("aabbddx")
    book.page.wait_for_timeout(300)
    assert len(book.cells()) == before
    book.kernel.wait_for("counter.text", "aabbddx")
    # The same keys in command mode do add cells: the assertion above can fail.
    book.page.locator(".cm-content").first.click()
    book.page.keyboard.press("Escape")
    book.page.keyboard.press("b")
    book.page.wait_for_function("jupyterapp.shell.currentWidget.content.widgets.length > 1")


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("1 / 0", "ZeroDivisionError"),
        (
            "from IPython.display import HTML\n"
            "HTML('<img src=\"http://elsewhere.invalid/picture.png\">')",
            "asked another host: http://elsewhere.invalid",
        ),
        (COUNTER.replace("const shown", "throw new Error('torn');\n        const shown"), "torn"),
    ],
    ids=["cell", "host", "widget"],
)
def test_what_goes_wrong_is_seen(server, browser, monkeypatch, source, said):
    opened = []
    run_all = Notebook._run_all
    monkeypatch.setattr(Notebook, "_run_all", lambda book, timeout: opened.append(book))
    book = Notebook(server, browser, [source])
    try:
        with pytest.raises(AssertionError, match=said):
            run_all(book, 60)
    finally:
        book.close()


@pytest.mark.parametrize(("theme", "light"), [("light", "true"), ("dark", "false")])
def test_theme_is_the_one_asked_for(notebook, theme, light):
    book = notebook(["'x'"], theme=theme)
    book.page.wait_for_function(f"document.body.dataset.jpThemeLight === '{light}'")

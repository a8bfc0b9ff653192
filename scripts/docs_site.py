"""What mkdocs cannot know of the documentation: examples that run, a page for every evaluation.

A hook of mkdocs (mkdocs.yml). A fenced block marked ``python run`` or ``console run`` is executed
while the site is built, and its output stands below it; ``yaml in FILE`` fills in lines of a file.
An example that fails stops the build, and no figure in it can be out of date. All blocks of a page
share one folder and one Python. Pages of evaluations are made from the catalogue, the notebooks
and the results of the example programme.
"""

from __future__ import annotations

import ast
import atexit
import contextlib
import html
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from markdown.extensions.toc import slugify
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

import qieval as qi
from qieval.batch.starter import make_workspace
from qieval.catalogue import EVALUATIONS, Evaluation
from qieval.core.result import Result
from qieval.core.signatures import Parameter
from qieval.params.known import known_to
from qieval.params.written import of_analysis
from qieval.report.figure import drawing_of

ROOT = Path(__file__).resolve().parents[1]
OUTPUTS = Path(os.environ.get("QIEVAL_OUTPUTS", ROOT / "outputs"))
EXAMPLE = "closing-the-gap"
FENCE = re.compile(
    r"^```(python run|console run|yaml in \S+)\n(.*?)^```$", re.DOTALL | re.MULTILINE
)


# ---- examples that run ---------------------------------------------------------------------------


class Session:
    """A workspace and one Python for the examples of a page; docs/files/ is in its data/."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="qieval-docs-"))
        atexit.register(shutil.rmtree, self.folder, ignore_errors=True)
        make_workspace(self.folder)
        shutil.copytree(ROOT / "docs" / "files", self.folder / "data", dirs_exist_ok=True)
        self.names: dict[str, Any] = {}

    def run(self, kind: str, source: str) -> str:
        """A block of a page as the site shows it, once it has been run."""
        if kind == "console run":
            return f"```text\n{self.console(source)}\n```"
        if kind == "python run":
            said = trimmed(self.python(source))
            shown = f'<pre class="output"><code>{html.escape(said)}</code></pre>' if said else ""
            return f"```python\n{source}```\n\n{shown}"
        self.edit(kind.removeprefix("yaml in "), source)
        return f"```yaml\n{source}```"

    def python(self, source: str) -> str:
        """What a block prints, and the value of its last line, as Python's prompt would show it."""
        *body, last = ast.parse(source).body
        printed = io.StringIO()
        with contextlib.chdir(self.folder), contextlib.redirect_stdout(printed):
            if not isinstance(last, ast.Expr):
                body.append(last)
            exec(compile(ast.Module(body, []), "docs", "exec"), self.names)
            if isinstance(last, ast.Expr):
                value = eval(compile(ast.Expression(last.value), "docs", "eval"), self.names)
                if value is not None:
                    print(value)
        return printed.getvalue()

    def console(self, source: str) -> str:
        """The commands of a block (each behind ``$``) with what they say."""
        said = []
        for line in source.splitlines():
            program, *arguments = shlex.split(line.removeprefix("$ "))
            if program != "qieval":
                raise ValueError(f"only qieval is run here, not {program}")
            done = subprocess.run(
                [sys.executable, "-m", "qieval", *arguments],
                cwd=self.folder,
                env=environment(),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                encoding="utf-8",
                check=False,
            )
            if done.returncode:
                raise ValueError(f"`{line}` ended with {done.returncode}: {done.stdout}")
            said.append(f"{line}\n{trimmed(done.stdout)}")
        return "\n\n".join(said)

    def edit(self, file: str, source: str) -> None:
        """Fill in lines of a file, as the page asks its reader to."""
        at = self.folder / file
        text = at.read_text(encoding="utf-8")
        for line in source.splitlines():
            key = re.escape(line.partition(":")[0])
            text, count = re.subn(
                rf"^( *)(?:# )?{key}:.*$",
                lambda found, line=line: found[1] + line,
                text,
                flags=re.MULTILINE,
            )
            if count != 1:
                raise ValueError(f"{file} has {count} lines `{line.partition(':')[0]}`, not one")
        at.write_text(text, encoding="utf-8")


def environment() -> dict[str, str]:
    """What commands see: plain text of a fixed width, and nobody's own workspace."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("QIEVAL_")}
    return ours | {"NO_COLOR": "1", "COLUMNS": "100", "PYTHONIOENCODING": "utf-8"}


def trimmed(text: str) -> str:
    """Lines without blanks at their ends."""
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines())


def executed(markdown: str) -> str:
    """A page with what its examples say below them."""
    if not FENCE.search(markdown):
        return markdown
    session = Session()
    return FENCE.sub(lambda found: session.run(*found.groups()), markdown)


# ---- a page for every evaluation -----------------------------------------------------------------


def words_of(row: Evaluation) -> dict[str, str]:
    """The words of a notebook: what stands under each of its headings; its title under "title"."""
    told: dict[str, str] = {}
    heading = ""
    for cell in nbformat.read(ROOT / "notebooks" / row.notebook, as_version=4).cells:
        if cell.cell_type != "markdown":
            continue
        text = cell.source
        if text.startswith("# "):
            told["title"], _, text = text.removeprefix("# ").partition("\n\n")
            heading, text = "about", text.rpartition("\n\n")[0]
        elif text.startswith("## "):
            heading, _, text = text.removeprefix("## ").partition("\n")
        told[heading] = f"{told.get(heading, '')}\n\n{text.strip()}".strip()
    return told


def methods_of(row: Evaluation) -> list[Path]:
    """Pages of docs/methods/ that name the function of its analysis, or its notebook."""
    names = (f"qi.{row.analysis.partition(':')[2]}`", f"`{row.name}`")
    pages = sorted((ROOT / "docs" / "methods").glob("*.md"))
    return [page for page in pages if any(n in page.read_text(encoding="utf-8") for n in names)]


def heading_of(markdown: str) -> str:
    """Title of a page."""
    return markdown.partition("# ")[2].partition("\n")[0]


def page_of(row: Evaluation) -> str:
    """The page of an evaluation as markdown."""
    words = words_of(row)
    result, at = result_of(row), row.example.removesuffix(".yml")
    kinds = " or ".join(f"[`{name}`](../data_formats.md#{anchor(name)})" for name in row.takes)
    data = words.get("The data") or words.get("What was read") or ""
    data = data or words.get("The results that were read", "")
    reading = [
        words[name] for name in words if name.startswith(("The answer", "Before", "The pass"))
    ]
    known = known_to(row.name)
    example = (ROOT / "params" / row.example).read_text(encoding="utf-8").strip()
    lines = [
        f"# {words['title']}",
        words["about"],
        "## The data",
        f"Kind of table: {kinds}." if kinds else "",
        data,
        "## How to run it",
        f"The parameter file of the example, `params/{row.example}`:",
        f"```yaml\n{example}\n```",
        f"```\nqieval run params/{row.example}\nqieval lab params/{row.example}\n```",
        "## Reading the page",
        *reading,
        "What the example finds (simulated data):",
        f'<p class="finding">{html.escape(result.headline())}</p>',
        figure_of(result),
        str(result.details()),
        f"[The whole page of this example](../examples/{at}.html)",
        "## Limits",
        "What no evaluation of this kind can tell:",
        "\n".join(f"- {limit}" for limit in result.limits),
        "## Parameters",
        "Those of the analysis. Those of reading and measuring, and what a project says once, are "
        "on [the page of all parameters](../parameters.md).",
        "\n".join(table_of([known[name] for name in of_analysis(row)])),
    ]
    if pages := methods_of(row):
        told = [(page.stem, heading_of(page.read_text(encoding="utf-8"))) for page in pages]
        lines += [
            "## What is computed",
            "\n".join(f"- [{title}](../methods/{stem}.md)" for stem, title in told),
        ]
    return "\n\n".join(filter(None, lines)) + "\n"


def figure_of(result: Result) -> str:
    """The figure with its description: a wide and a narrow shape, of which the page takes one."""
    drawn = drawing_of(result, "")
    return f'<div class="figure" data-search-exclude>{drawn.html}</div>'.replace("\n", " ")


FIGURE = re.compile(r"^\{\{ figure: (\w+) \}\}$", re.MULTILINE)
"""Where a page shows the figure of an evaluation's example."""


def figures_in(markdown: str) -> str:
    """A page with the figures that it asks for, each with its description."""
    return FIGURE.sub(lambda found: figure_of(result_of(EVALUATIONS[found[1]])), markdown)


def table_of(known: list[Parameter]) -> Iterator[str]:
    """Parameters as a table."""
    yield "| parameter | default | meaning |\n|---|---|---|"
    for p in known:
        default = "must be given" if p.required else f"`{p.plain_default!r}`"
        yield f"| `{p.name}` | {default} | {p.help.replace('|', chr(92) + '|')} |"


def result_of(row: Evaluation) -> Result:
    """What the example of an evaluation found, as `qieval run` left it."""
    file = OUTPUTS / f"{row.example.removesuffix('.yml')}.result.json"
    if not file.is_file():
        raise PluginError(
            f"The example of {row.name} has no result ({file.name}). What to do: `make docs` "
            "evaluates the examples first; if it did, see why this one found none."
        )
    return qi.read_result(file)


def anchor(kind: str) -> str:
    """Where docs/data_formats.md says what a kind of table is."""
    text = (ROOT / "docs" / "data_formats.md").read_text(encoding="utf-8")
    (heading,) = re.findall(rf"^## (`{kind}`.*)$", text, re.MULTILINE)
    return slugify(heading, "-")


def index_of_evaluations() -> str:
    """The page that lists every evaluation."""
    lines = [
        "# Evaluations",
        "One page each: question, data, reading the page, limits, parameters.",
    ]
    table = ["| evaluation | notebook | kinds of table |", "|---|---|---|"]
    for row in EVALUATIONS.values():
        kinds = ", ".join(f"`{kind}`" for kind in row.takes) or "any"
        if row.reads_results:
            kinds = "results of other evaluations"
        table.append(f"| [{words_of(row)['title']}]({row.name}.md) | `{row.name}` | {kinds} |")
    return "\n\n".join([*lines, "\n".join(table)]) + "\n"


# ---- what mkdocs calls ---------------------------------------------------------------------------


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """A folder in the navigation stands for all of its pages."""
    config.nav = [unfolded(entry) for entry in config.nav or []]
    return config


def unfolded(entry: Any) -> Any:
    """An entry of the navigation with the pages of its folders."""
    if isinstance(entry, list):
        return [unfolded(one) for one in entry]
    ((title, where),) = entry.items()
    if isinstance(where, list):
        return {title: unfolded(where)}
    if where == "evaluations/":
        pages = {short(row): f"evaluations/{row.name}.md" for row in EVALUATIONS.values()}
        listed = [{name: pages[name]} for name in sorted(pages)]
        return {title: ["evaluations/README.md", *listed]}
    if where.endswith("/"):
        files = sorted(
            (ROOT / "docs" / where).glob("*.md"), key=lambda file: file.name != "README.md"
        )
        return {title: [f"{where}{file.name}" for file in files]}
    return entry


def short(row: Evaluation) -> str:
    """Title of an evaluation without its question."""
    return words_of(row)["title"].partition(":")[0]


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Pages of evaluations, and all pages of the example programme."""
    made = {"evaluations/README.md": index_of_evaluations()}
    for row in EVALUATIONS.values():
        made[f"evaluations/{row.name}.md"] = page_of(row)
    for name, content in made.items():
        files.append(File.generated(config, name, content=content))
    for page in sorted((OUTPUTS / EXAMPLE).rglob("*.html")):  # they lead to one another
        name = f"examples/{page.relative_to(OUTPUTS).as_posix()}"
        files.append(File.generated(config, name, abs_src_path=str(page)))
    # The programme's own index leads up to that of all outputs; here, to the documentation.
    up = (OUTPUTS / EXAMPLE / "index.html").read_text(encoding="utf-8")
    up = up.replace('href="../index.html"', 'href="../../index.html"')
    files.remove(files.src_uris[f"examples/{EXAMPLE}/index.html"])
    files.append(File.generated(config, f"examples/{EXAMPLE}/index.html", content=up))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Examples are run."""
    try:
        return executed(figures_in(markdown))
    except Exception as error:
        raise PluginError(f"An example of docs/{page.file.src_uri} fails: {error}") from error


def on_post_build(config: MkDocsConfig) -> None:
    """A site that opens by double-click has no server that could miss a page."""
    for name in ("404.html", "sitemap.xml", "sitemap.xml.gz"):
        (Path(config.site_dir) / name).unlink(missing_ok=True)

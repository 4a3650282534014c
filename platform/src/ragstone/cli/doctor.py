"""What is missing on this machine, and the command that mends it."""

import shutil
from collections.abc import Callable
from importlib.util import find_spec

from ragstone.cli.corpora import corpus_names
from ragstone.cli.index import built, folder
from ragstone.cli.late import list_plugins, load_settings
from ragstone.cli.models import default_models, open_store
from ragstone.cli.output import console
from ragstone.errors import RagstoneError

Trouble = tuple[str, str]
"""What is wrong, and the command that mends it."""


def doctor() -> None:
    """Look at models, corpora, indexes, plugins and the endpoint."""
    load_settings()  # wrong settings would fail every check in the same way
    checks: dict[str, Callable[[], list[Trouble]]] = {
        "models": _models,
        "corpora": _corpora,
        "indexes": _indexes,
        "plugins": _plugins,
        "console": _console,
        "disk": _disk,
        "endpoint": _endpoint,
    }
    broken = 0
    for name, check in checks.items():
        troubles = _found(check)
        broken += len(troubles)
        console.print(f"{'[red]✗[/red]' if troubles else '[green]✓[/green]'} {name}")
        for problem, remedy in troubles:
            console.print(f"    {problem}\n      {remedy}", markup=False)
    if broken:
        raise RagstoneError(f"{broken} things need mending; the commands stand above.")


def _found(check: Callable[[], list[Trouble]]) -> list[Trouble]:
    """What a check finds; one that cannot go on is itself a trouble, and the others are made all the same."""
    try:
        return check()
    except RagstoneError as error:
        problem, _, remedy = str(error).partition(". ")
        return [(problem, remedy)]


def _models() -> list[Trouble]:
    states = {item.name: item.state for item in open_store().status()}
    return [
        (f"model '{name}' is {states.get(name, 'not in the catalog')}", f"ragstone models pull {name}")
        for name in default_models()
        if states.get(name) != "present"
    ]


def _corpora() -> list[Trouble]:
    corpus_names()
    return []


def _indexes() -> list[Trouble]:
    from ragstone.index.doctor import doctor as examine

    troubles: list[Trouble] = []
    for name in corpus_names():
        if not built(name):
            troubles.append((f"'{name}' is not indexed", f"ragstone index build {name}"))
            continue
        troubles += [(f"{name}: {finding.problem}", finding.remedy) for finding in examine(folder(name))]
    return troubles


def _plugins() -> list[Trouble]:
    found = list_plugins()
    if not found:
        return [("no plugin is installed", "pip install ragstone-customer-service")]
    settings, names = load_settings(), {plugin.name for plugin in found}
    troubles = [
        (f"plugin '{plugin.name}' does not load", plugin.problem)
        for plugin in found
        if plugin.allowed and plugin.problem
    ]
    unknown = sorted(set(settings.plugins or ()) - names)
    troubles += [
        (f"the setting 'plugins' allows '{name}', which is not installed", "mend the name") for name in unknown
    ]
    strange = sorted(set(settings.plugin) - names)
    return troubles + [(f"[plugin.{name}] sets a plugin that is not here", "mend the name") for name in strange]


def _console() -> list[Trouble]:
    return [] if find_spec("ragstone_console") else [("the console is not installed", "pip install ragstone-console")]


def _disk() -> list[Trouble]:
    place = load_settings().paths.models
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free / 1e9
    return [] if free > 3 else [(f"{free:.1f} GB free at {place}", "free some space, or set RAGSTONE_PATHS__MODELS")]


def _endpoint() -> list[Trouble]:
    models = load_settings().models
    if models.profile == "embedded":
        return []
    import httpx

    headers = {"Authorization": f"Bearer {models.api_key.get_secret_value()}"}
    try:
        response = httpx.get(f"{models.base_url}/models", headers=headers, timeout=models.connect_timeout)
        response.raise_for_status()
    except httpx.HTTPError as error:
        return [
            (
                f"{models.base_url} does not serve: {type(error).__name__}",
                "start the server, or set RAGSTONE_MODELS__BASE_URL",
            )
        ]
    return []

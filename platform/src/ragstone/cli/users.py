"""What is kept of users: see it, correct it, take it along, delete it."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from ragstone.cli.late import load_settings
from ragstone.cli.output import console, table
from ragstone.errors import UsageError

if TYPE_CHECKING:
    from ragstone.users.store import UserStore

app = typer.Typer(no_args_is_help=True)
UserName = Annotated[str, typer.Argument(help="A user, see: ragstone users list", metavar="USER")]
PluginName = Annotated[str, typer.Argument(help="The plugin whose profile it is.", metavar="PLUGIN")]
Field = Annotated[str, typer.Argument(help="A field of the plugin's profile.")]


@app.callback()
def users() -> None:
    """See, correct, export and delete what is kept of users."""


def _store() -> "UserStore":
    from ragstone.users.store import UserStore

    return UserStore(load_settings().paths.users)


@app.command("list")
def list_() -> None:
    """Every user of whom something is kept, and how much."""
    store = _store()
    shown = table("", "User", "Values", "History")
    for name in (known := store.users()):
        record = store.read(name)
        shown.add_row(name, str(sum(map(len, record.profiles.values()))), str(sum(map(len, record.history.values()))))
    if not known:
        console.print("Nothing is kept of anybody.")
        return
    console.print(shown)


@app.command()
def export(user: UserName) -> None:
    """All that the user store keeps of a user, as JSON."""
    typer.echo(_store().read(user).model_dump_json(indent=2))


@app.command("set")
def set_(
    user: UserName,
    plugin: PluginName,
    field: Field,
    value: Annotated[str, typer.Argument(help="Its value, as JSON or as plain text.")],
) -> None:
    """Correct a value of a plugin's profile."""
    from ragstone.sdk.registry import load_plugin
    from ragstone.sdk.users import User

    loaded = load_plugin(plugin, load_settings())
    try:
        given = json.loads(value)
    except ValueError:
        given = value
    User(user, plugin, loaded.profile, _store()).remember(**{field: given})
    console.print(f"[green]kept[/green]  {field} of {user}", markup=True)


@app.command()
def forget(user: UserName, plugin: PluginName, field: Field) -> None:
    """Delete one value."""
    if not _store().forget(user, plugin, field):
        raise UsageError(f"Nothing is kept there. See what is: ragstone users export {user}")
    console.print(f"[green]deleted[/green]  {field} of {user}")


@app.command()
def delete(user: UserName) -> None:
    """Delete all that the user store keeps of a user, and look again. What a plugin keeps by itself is apart."""
    receipt = _store().delete(user)
    console.print(
        f"[green]deleted[/green]  {receipt.values} values and {receipt.items} items of history of {user}; "
        f"{receipt.left} left"
    )

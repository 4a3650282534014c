"""The operator's settings for one plugin."""

from pydantic import BaseModel, ValidationError

from ragstone.errors import SettingsError
from ragstone.sdk.plugin import Plugin
from ragstone.settings import Settings


def own_settings(plugin: Plugin, settings: Settings) -> BaseModel:
    """The section ``[plugin.<name>]`` as the model that the plugin declares.

    Raises:
        SettingsError: names the first field that does not fit; never its value.
    """
    try:
        return plugin.settings.model_validate(settings.plugin.get(plugin.name, {}))
    except ValidationError as error:
        first = error.errors(include_input=False, include_context=False)[0]
        field = ".".join(str(part) for part in ("plugin", plugin.name, *first["loc"]))
        known = ", ".join(plugin.settings.model_fields) or "none"
        raise SettingsError(
            f"Setting '{field}': {first['msg']}. Plugin '{plugin.name}' knows: {known}. "
            "Mend it in ragstone.toml or the environment."
        ) from None

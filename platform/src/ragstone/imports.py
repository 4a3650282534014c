"""The one way to import a heavy or optional package: late, and with a clear error when it is absent."""

import importlib
from typing import Any

from ragstone.errors import MissingDependencyError


def require(module: str, extra: str) -> Any:
    """Import ``module`` now.

    Typed ``Any`` on purpose: the packages behind it ship no complete type information.

    Raises:
        MissingDependencyError: names the extra that installs it.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] != module.split(".")[0]:
            raise
        raise MissingDependencyError(module, extra) from error

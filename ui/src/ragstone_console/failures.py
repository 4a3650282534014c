"""Errors as people read them: one message, the command that mends it, never a traceback."""

import logging
from collections.abc import Generator
from contextlib import contextmanager

import streamlit as st

from ragstone.errors import RagstoneError
from ragstone_console.texts import Texts
from ragstone_console.views import error_parts, plain

_log = logging.getLogger(__name__)


@contextmanager
def told(texts: Texts) -> Generator[None]:
    """Show what goes wrong inside the block; Streamlit's own control flow passes through."""
    try:
        yield
    except RagstoneError as error:
        message, command = error_parts(str(error))
        st.error(f"**{texts.failed}** {plain(message)}", icon=":material/error:")
        if command:
            st.caption(texts.mend)
            st.code(command, language="bash")
    except Exception:
        _log.exception("A page of the console failed.")
        st.error(texts.unexpected, icon=":material/error:")

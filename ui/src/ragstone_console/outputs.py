"""Draws the output of a task."""

from collections.abc import Sequence

import streamlit as st
from pydantic import BaseModel

from ragstone.sdk import Output
from ragstone.types import Answer
from ragstone_console import results, views
from ragstone_console.proof import Proof
from ragstone_console.results import Block, Fact, Group, Items, Paragraph, Proved, Quoted, Results, Several, Table
from ragstone_console.scope import Scope


def draw(scope: Scope, output: BaseModel) -> None:
    """Draw what a task returned, and offer it as a file."""
    if isinstance(output, Answer):
        Proof(scope, "").answer(output)
    else:
        blocks = Results(scope.texts, scope.language).blocks(output)
        if isinstance(output, Output) and output.abstention is not None:
            st.html(views.abstention_html(output.abstention, scope.texts))
            blocks = tuple(block for block in blocks if not (isinstance(block, Fact) and block.empty))
        _blocks(scope, blocks)
    st.download_button(
        scope.texts.download,
        output.model_dump_json(indent=2),
        file_name=f"{scope.plugin.name}-{scope.task.name}.json",
        mime="application/json",
        key=scope.key("download"),
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
    )


def _blocks(scope: Scope, blocks: Sequence[Block]) -> None:
    for block in results.fact_runs(blocks):
        if isinstance(block, list):
            st.html(results.facts_html(block))
        else:
            with st.container(gap="xsmall"):
                _block(scope, block)


def _block(scope: Scope, block: Block) -> None:
    if isinstance(block, Group):
        with st.container(border=True):
            st.html(views.field_head_html(block.title, ""))
            _blocks(scope, block.blocks)
        return
    if block.title:
        st.html(views.label_html(block.title))
    match block:
        case Several():
            _blocks(scope, block.blocks)
        case Paragraph():
            st.html(views.text_html(block.text))
        case Items():
            st.html(results.items_html(block.items))
        case Table():
            st.html(results.result_table_html(block))
        case Proved():
            Proof(scope, block.path).answer(block.answer)
        case Quoted():
            Proof(scope, block.path).quote(block.quote)
        case _:
            st.code(block.text, language="json")

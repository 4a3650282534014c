"""Guided flows: checked files of questions and instructions, and the functions that lead a conversation through one.

A flow is written once for English and Chinese, as YAML (`ragstone.sdk.flows.model` has its fields). It needs no model:
code reads what people say.
"""

from ragstone.sdk.flows.engine import back, correct, interrupt, reply, resume, start
from ragstone.sdk.flows.model import Flow, Knowledge
from ragstone.sdk.flows.prompts import Prompt, PromptOption, TranscriptLine, prompt, transcript
from ragstone.sdk.flows.reading import load_flows, read_flow
from ragstone.sdk.flows.state import FlowState, Given, Move

__all__ = [
    "Flow",
    "FlowState",
    "Given",
    "Knowledge",
    "Move",
    "Prompt",
    "PromptOption",
    "TranscriptLine",
    "back",
    "correct",
    "interrupt",
    "load_flows",
    "prompt",
    "read_flow",
    "reply",
    "resume",
    "start",
    "transcript",
]

"""Summaries with proof, of a document or a topic, over any corpus of the host."""

from ragstone.sdk import Plugin
from ragstone_summarise.tasks import Summarise

plugin = Plugin(name="summarise", titles={"en": "Summarise", "zh": "摘要"}, tasks=(Summarise(),))

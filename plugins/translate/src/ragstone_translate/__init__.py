"""Translation between English and Chinese that rests on a bilingual corpus."""

from ragstone.sdk import Plugin
from ragstone_translate.tasks import Translate

plugin = Plugin(name="translate", titles={"en": "Translate", "zh": "翻译"}, tasks=(Translate(),))

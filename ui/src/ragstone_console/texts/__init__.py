"""Every text of the console, in English and in Chinese."""

from ragstone_console.texts.chinese import CHINESE
from ragstone_console.texts.english import ENGLISH
from ragstone_console.texts.model import NAMES, Texts, UiLanguage

__all__ = ["CHINESE", "ENGLISH", "NAMES", "Texts", "UiLanguage", "language_of", "texts"]


def texts(language: UiLanguage) -> Texts:
    """The texts of one language."""
    return CHINESE if language == "zh" else ENGLISH


def language_of(locale: str | None) -> UiLanguage:
    """The language for a browser's locale ("zh-CN", "en-GB"); English for any other."""
    return "zh" if (locale or "").lower().startswith("zh") else "en"

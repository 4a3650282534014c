import pytest

from ragstone.corpus.language import detect_language

RUSSIAN = "\u041f\u0440\u0438\u0432\u0435\u0442, \u043a\u0430\u043a \u0434\u0435\u043b\u0430"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("How do I return a lamp?", "en"),
        ("refund policy", "en"),
        ("怎么退货？", "zh"),
        ("退货", "zh"),
        ("如何安装 Python 和 pandas 并连接 PostgreSQL", "zh"),
        ("怎么用 pip install torch？", "zh"),
        ("商品の返品は七日以内にお願いします。", "other"),
        ("The word 高血压 means hypertension in Chinese", "en"),
        ("In Japanese, これ is a pronoun that means 'this' and is very often used", "en"),
        ("반품은 어떻게 하나요?", "other"),
        (RUSSIAN, "other"),
        ("Wie kann ich die Lampe zurückgeben und ist das kostenlos?", "other"),
        ("¿Cómo puedo devolver el producto en la tienda?", "other"),
        ("Où est le colis que vous avez envoyé?", "other"),
        ("élève", "other"),
        ("def f(x):\n    return x if x else None", "en"),
        ("SKU AX-300", "en"),
        (" ".join(["lorem"] * 30), "other"),
    ],
)
def test_language_is_told_from_script_and_function_words(text: str, language: str) -> None:
    assert detect_language(text) == language


@pytest.mark.parametrize("text", ["", "   ", "12345", "3.5 / 7 = ?", "✓ ✓"])
def test_a_text_without_letters_has_the_default_language(text: str) -> None:
    assert detect_language(text) == "en"
    assert detect_language(text, default="zh") == "zh"

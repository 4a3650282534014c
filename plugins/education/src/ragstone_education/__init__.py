"""Education: answers from a course's own material."""

from ragstone.sdk import AskTask, Plugin

plugin = Plugin(
    name="education",
    titles={"en": "Education", "zh": "教育"},
    corpora=("education/statistics",),
    tasks=(
        AskTask(
            examples={
                "en": ("What does the central limit theorem say about sample means?",),
                "zh": ("中心极限定理说明了什么？",),
            }
        ),
    ),
)

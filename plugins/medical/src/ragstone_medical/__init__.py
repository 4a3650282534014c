"""Medicine: answers from reference monographs and from patients' records."""

from ragstone.sdk import AskTask, Plugin

plugin = Plugin(
    name="medical",
    titles={"en": "Medical", "zh": "医疗"},
    corpora=("medical/monographs", "medical/riverside_records"),
    tasks=(
        AskTask(
            examples={
                "en": ("What is the usual adult starting dose of metformin?",),
                "zh": ("二甲双胍成人常用起始剂量是多少？",),
            }
        ),
    ),
)

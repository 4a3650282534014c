"""All measurements, one after the other: ``python -m tests.benchmarks``. Hours, most of them ragas's."""

import asyncio

from tests.benchmarks import (
    bias_runners,
    faq_retrieval,
    gate_power,
    gold_answers,
    gold_retrieval,
    intents,
    overhead,
    ragas_agreement,
    retrieval_speed,
    translate_floor,
)
from tests.benchmarks.grounding import agreement

retrieval_speed.main()
gate_power.main()
gold_retrieval.main()
faq_retrieval.main()
intents.main()
translate_floor.main()
agreement.main()
asyncio.run(overhead.main(20))
asyncio.run(gold_answers.main(13))
asyncio.run(bias_runners.main(100))
asyncio.run(ragas_agreement.main(30))

"""All measurements, one after the other: ``python -m tests.benchmarks``."""

import asyncio

from tests.benchmarks import gate_power, gold_answers, gold_retrieval, overhead, retrieval_speed

retrieval_speed.main()
gate_power.main()
gold_retrieval.main()
asyncio.run(overhead.main(20))
asyncio.run(gold_answers.main(13))

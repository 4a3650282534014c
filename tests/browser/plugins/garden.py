# /// ragstone
# sdk_version = "1.0"
# minimum_host_version = "0.1.0"
#
# [views]
# chart = "garden:show_chart"
# broken = "garden:show_broken"
# ///
"""A plugin for the tests: a task with many kinds of fields, two with views, and one that quotes the host's corpora."""

import asyncio
from datetime import date
from typing import Literal

from pydantic import BaseModel, Field

from ragstone.sdk import Context, Language, Output, Page, Plugin, Question, Quote, label


class Bed(BaseModel):
    """Where something grows."""

    name: str = Field(max_length=40, **label(en="Name", zh="名称"))
    square_metres: float = Field(gt=0, le=500, **label(en="Square metres", zh="平方米"))


class Helper(BaseModel):
    """Somebody who helps."""

    name: str = Field(**label(en="Name", zh="姓名"))
    hours: int = Field(ge=1, le=60, **label(en="Hours", zh="小时"))


class Order(BaseModel):
    """What should be planned."""

    plant: str = Field(min_length=2, max_length=60, description="As you call it.", **label(en="Plant", zh="植物"))
    notes: str = Field(default="", max_length=2000, **label(en="Notes", zh="备注"))
    count: int = Field(ge=1, le=99, **label(en="How many", zh="数量"))
    place: Literal["sun", "shade"] = Field(**label(en="Place", zh="位置"))
    sowing: date | None = Field(default=None, **label(en="Sowing date", zh="播种日期"))
    organic: bool = Field(default=True, **label(en="Organic", zh="有机种植"))
    tools: tuple[str, ...] = Field(default=(), **label(en="Tools", zh="工具"))
    bed: Bed = Field(**label(en="Bed", zh="苗床"))
    helpers: tuple[Helper, ...] = Field(default=(), **label(en="Helpers", zh="帮手"))


class Step(BaseModel):
    """One thing to do."""

    week: int = Field(**label(en="Week", zh="周次"))
    work: str = Field(**label(en="Work", zh="工作"))


class Plan(Output):
    """What to do, week by week."""

    plant: str = Field(**label(en="Plant", zh="植物"))
    seeds: int = Field(**label(en="Seeds", zh="种子数"))
    organic: bool = Field(**label(en="Organic", zh="有机种植"))
    advice: str = Field(**label(en="Advice", zh="建议"))
    tools: tuple[str, ...] = Field(**label(en="Tools", zh="工具"))
    bed: Bed = Field(**label(en="Bed", zh="苗床"))
    steps: tuple[Step, ...] = Field(**label(en="Steps", zh="步骤"))
    readers: tuple[str, ...] = Field(**label(en="For groups", zh="用户组"))


class PlanTask:
    """Plans a bed. Says in its advice what was noted, to the letter."""

    name = "plan"
    titles = {"en": "Plan a bed", "zh": "规划苗床"}  # noqa: RUF012
    input = Order
    output = Plan
    examples = {  # noqa: RUF012
        "en": (
            Order(
                plant="Tomato",
                notes="Rain is collected.\nThe soil is heavy.",
                count=6,
                place="sun",
                sowing=date(2026, 3, 14),
                tools=("Spade", "Twine"),
                bed=Bed(name="South wall", square_metres=4.5),
                helpers=(Helper(name="Ann", hours=3),),
            ),
        ),
        "zh": (Order(plant="番茄", count=6, place="sun", tools=("铲子",), bed=Bed(name="南墙", square_metres=4.5)),),
    }

    async def run(self, value: Order, context: Context) -> Plan:
        """Plan at once; a plant called "slow" takes its time."""
        await asyncio.sleep(60 if value.plant == "slow" else 0)
        return Plan(
            plant=value.plant,
            seeds=value.count * 3,
            organic=value.organic,
            advice=value.notes or "Water in the evening, and keep the leaves dry. " * 3,
            tools=value.tools,
            bed=value.bed,
            steps=(Step(week=1, work="Sow indoors"), Step(week=6, work="Plant out")),
            readers=tuple(sorted(context.groups)),
        )


class Wanted(BaseModel):
    """What to look for."""

    words: str = Field(min_length=1, max_length=200, **label(en="Words", zh="关键词"))
    corpus: str | None = Field(default=None, **label(en="Documents", zh="文档库"))
    language: Language | None = Field(default=None, **label(en="Language", zh="语言"))
    most: int = Field(default=2, ge=1, le=4, **label(en="At most", zh="最多"))


class Found(Output):
    """Passages, to the letter."""

    quotes: tuple[Quote, ...] = Field(default=(), **label(en="Passages", zh="原文段落"))


class FindTask:
    """Finds passages."""

    name = "find"
    titles = {"en": "Find passages", "zh": "查找原文"}  # noqa: RUF012
    input = Wanted
    output = Found
    examples = {  # noqa: RUF012
        "en": (Wanted(words="How long may I return a filter?", corpus="customer_service/hearthline"),),
        "zh": (Wanted(words="滤芯多久之内可以退货？", corpus="customer_service/hearthline", language="zh"),),
    }

    async def run(self, value: Wanted, context: Context) -> Found:
        """Search, and quote."""
        question = Question(text=value.words, language=value.language)
        found = await context.search(question, value.most, value.corpus)
        return Found(
            quotes=tuple(Quote.of(item.passage) for item in found), abstention=None if found else "no_evidence"
        )


class ChartTask(PlanTask):
    """The same, with a page of its own."""

    name = "chart"
    titles = {"en": "Chart", "zh": "图表"}  # noqa: RUF012


class BrokenTask(PlanTask):
    """The same, with a page that fails."""

    name = "broken"
    titles = {"en": "Broken", "zh": "故障"}  # noqa: RUF012


def show_chart(page: Page) -> None:
    """Run the example at a click, draw a part by hand and the rest as the console does."""
    import streamlit as st

    st.subheader({"en": "My own page", "zh": "自己的页面"}[page.language])
    if st.button("Draw", key=page.key("draw")):
        st.session_state[page.key("plan")] = page.run(page.task.examples[page.language][0])
    plan = st.session_state.get(page.key("plan"))
    if plan is not None:
        st.bar_chart({step.work: step.week for step in plan.steps}, height=160)
        page.show(plan)


def show_broken(page: Page) -> None:
    """Fail."""
    raise RuntimeError("secret words")


plugin = Plugin(
    name="garden",
    titles={"en": "Garden care", "zh": "园艺"},
    tasks=(PlanTask(), FindTask(), ChartTask(), BrokenTask()),
)

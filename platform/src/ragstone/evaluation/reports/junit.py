"""The verdict as JUnit XML, which every CI system shows: one test case for each row of the gate."""

import re
from xml.etree import ElementTree

from ragstone.evaluation.gate.results import GateResult
from ragstone.evaluation.gate.results import Verdict as Row

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render_junit(gate: GateResult) -> str:
    """FAIL is a failure, INCONCLUSIVE is skipped; both with their reason.

    Cases of the baseline that were not run are a test case of their own, skipped: without them nothing PASSes.
    """
    suite = ElementTree.Element("testsuite", {"name": _xml(gate.suite)})
    for row in gate.rows:
        _add(suite, row)
    if gate.only_baseline:
        case = ElementTree.SubElement(suite, "testcase", {"classname": _xml(gate.suite), "name": "cases"})
        message = f"{len(gate.only_baseline)} cases of the baseline were not run"
        ElementTree.SubElement(case, "skipped", {"message": message})
    for name, tag in (("tests", "testcase"), ("failures", "failure"), ("skipped", "skipped"), ("errors", "error")):
        suite.set(name, str(len(list(suite.iter(tag)))))
    return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def _add(suite: ElementTree.Element, row: Row) -> None:
    name = f"{row.metric} [{row.slice}] {row.kind}"
    case = ElementTree.SubElement(suite, "testcase", {"classname": suite.get("name", ""), "name": _xml(name)})
    if row.verdict == "FAIL":
        failure = ElementTree.SubElement(case, "failure", {"message": _xml(row.reason), "type": "worse"})
        failure.text = _xml("Worst cases: " + ", ".join(row.worst_cases)) if row.worst_cases else None
    if row.verdict == "INCONCLUSIVE":
        ElementTree.SubElement(case, "skipped", {"message": _xml(row.reason)})


def _xml(text: str) -> str:
    """Without the characters that XML cannot hold."""
    return _NOT_XML.sub("\ufffd", text)

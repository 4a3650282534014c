// Draws an answer: sentences, citation buttons, verdict marks. Data becomes text nodes, never markup.
function element(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".root");
  const body = element("div", "answer", "");
  body.lang = data.language;
  for (const sentence of data.sentences) {
    body.append(sentence.before);
    const part = element("span", `sentence ${sentence.verdict}`, sentence.text);
    for (const chip of sentence.chips) {
      const button = element("button", "chip", String(chip.number));
      button.type = "button";
      button.title = chip.label;
      button.setAttribute("aria-label", chip.label);
      button.setAttribute("aria-pressed", String(chip.index === data.opened));
      button.addEventListener("click", () => setTriggerValue("citation", chip.index));
      part.append(button);
    }
    const mark = element("span", "mark", sentence.symbol);
    mark.title = sentence.tooltip;
    mark.setAttribute("role", "img");
    mark.setAttribute("aria-label", sentence.tooltip);
    part.append(mark);
    body.append(part);
  }
  body.append(data.rest);
  root.replaceChildren(body);
}

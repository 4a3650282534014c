// Draws a document around its highlighted quote and scrolls to it. Data becomes text nodes, never markup.
export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".root");
  const page = document.createElement("div");
  page.className = "document";
  page.lang = data.language;
  page.tabIndex = 0;
  const quote = document.createElement("mark");
  quote.textContent = data.quote;
  page.append(data.before, quote, data.after);
  root.replaceChildren(page);
  // after the layout; only the document scrolls, the window stays where it is
  requestAnimationFrame(() => {
    const offset = quote.getBoundingClientRect().top - page.getBoundingClientRect().top;
    page.scrollTop += offset - page.clientHeight / 3;
  });
}

// Remembers that text was seen while it was being written: the finished answer takes its place at once.
window.streamed = "";
new MutationObserver(() => {
  const stream = document.querySelector(".rs-stream");
  if (stream) window.streamed = stream.textContent;
}).observe(document, { childList: true, subtree: true, characterData: true });

/**
 * A report in HTML as a picture: the page's policy allows no frames and no inline styles, and a picture runs no scripts and
 * loads nothing. The report is well formed XML, as foreign content of an SVG it is drawn by the browser's own rules.
 */
export function pictureOfPage(html: string, widthPx: number, heightPx: number): string {
  // A picture is as wide as it is shown, the page is as wide as it will be.
  const style = between(html, "<style>", "</style>").replace(/@media \(max-width:.*/, "");
  const body = between(html, "<body>", "</body>")
    .replace(/<script>[\s\S]*<\/script>/, "")
    // In HTML it is known by its name alone.
    .replaceAll("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ');
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${widthPx}" height="${heightPx}" viewBox="0 0 ${widthPx} ${heightPx}">` +
    `<style>${style.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</style>` +
    `<foreignObject width="${widthPx}" height="${heightPx}"><body xmlns="http://www.w3.org/1999/xhtml">${body}</body></foreignObject></svg>`
  );
}

function between(text: string, start: string, end: string): string {
  const from = text.indexOf(start);
  const to = text.lastIndexOf(end);
  return from === -1 || to === -1 ? "" : text.slice(from + start.length, to);
}

/** Text for between and inside tags of a page; names of files are other people's text. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/**
 * A page as one file that needs nothing else: no script, no address, pictures inside.
 * @param title plain text; also the heading
 * @param body HTML below the heading, with a line end
 */
export function htmlPage({ title, style, body }: Readonly<Record<'title' | 'style' | 'body', string>>): string {
  const escaped = escapeHtml(title);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${escaped}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${escaped}</h1>
${body}</main>
</body>
</html>
`;
}

/** Text that is HTML already. Only {@link html} and {@link trust} make it. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A template that escapes every value put into it, except HTML: what comes from the web cannot slip through. */
export function html(parts: TemplateStringsArray, ...values: (string | number | Html | Html[])[]): Html {
  return new Html(String.raw({ raw: parts }, ...values.map(toText)));
}

/** Takes text that we made ourselves, such as a chart, as HTML. */
export function trust(text: string): Html {
  return new Html(text);
}

function toText(value: string | number | Html | Html[]): string {
  if (value instanceof Html) return value.text;
  if (Array.isArray(value)) return value.map(toText).join('');
  return String(value).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

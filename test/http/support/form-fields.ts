const ENTITIES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&amp;': '&',
};

/** The fields of a page's form as a browser would send them: in order, ticked boxes only, line ends as CR LF. */
export class FormFields {
  readonly #fields: [string, string][];

  constructor(markup: string, formId: string) {
    const [, form = ''] = new RegExp(`<form id="${formId}"[\\s\\S]*?>([\\s\\S]*?)</form>`).exec(markup) ?? [];
    const pattern =
      /<input ([^>]*)>|<textarea ([^>]*)>([\s\S]*?)<\/textarea>|<select ([^>]*)>([\s\S]*?)<\/select>/g;
    this.#fields = [...form.matchAll(pattern)].flatMap(
      ([, input, area, text, select, options]): [string, string][] => {
        if (area !== undefined) return [[attribute(area, 'name'), decode(text!).replaceAll('\n', '\r\n')]];
        if (select !== undefined) {
          const chosen =
            /<option ([^>]*\bselected\b[^>]*)>/.exec(options!) ?? /<option ([^>]*)>/.exec(options!);
          return [[attribute(select, 'name'), attribute(chosen?.[1] ?? '', 'value')]];
        }
        const name = attribute(input!, 'name');
        const isOff = /type="checkbox"/.test(input!) && !/\schecked(\s|$|=|\/)/.test(input!);
        return name === '' || isOff ? [] : [[name, attribute(input!, 'value')]];
      },
    );
  }

  set(name: string, value: string): this {
    const field = this.#fields.find(([known]) => known === name);
    if (field) field[1] = value;
    else this.add(name, value);
    return this;
  }

  add(name: string, value: string): this {
    this.#fields.push([name, value]);
    return this;
  }

  untick(name: string, value: string): this {
    const place = this.#fields.findIndex(([known, is]) => known === name && is === value);
    if (place >= 0) this.#fields.splice(place, 1);
    return this;
  }

  all(name: string): string[] {
    return this.#fields.filter(([known]) => known === name).map(([, value]) => value);
  }

  get pairs(): [string, string][] {
    return this.#fields;
  }
}

function attribute(tag: string, name: string): string {
  return decode(new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(tag)?.[1] ?? '');
}

function decode(text: string): string {
  return text.replace(/&(?:lt|gt|quot|#39|amp);/g, (entity) => ENTITIES[entity]!);
}

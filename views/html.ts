import { html as template } from 'htm/preact';
import type { ComponentChildren, VNode } from 'preact';

export type { ComponentChildren as Children, VNode };

/** A template with exactly one root element. Every value that is put in is escaped. */
export const html = template as (strings: TemplateStringsArray, ...values: unknown[]) => VNode;

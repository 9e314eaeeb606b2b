import { createContext } from 'preact';

/** How light the pages are: as the system has it, or as the person chose. */
export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

export const ThemeContext = createContext<Theme>('system');

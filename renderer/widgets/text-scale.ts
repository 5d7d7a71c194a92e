let scale = 1;

/** Set with the settings, before anything is drawn by them; style sheets have it as --text-scale. */
export const setTextScale = (next: number): void => {
  scale = next;
};

/** How much larger than by default the person wants texts: rows and columns in pixels grow with them. */
export const textScale = (): number => scale;

/** "minmax(160px, 1fr)" for larger texts. */
export const scaledTrack = (track: string, scale: number): string =>
  track.replace(/([\d.]+)px/g, (_, px: string) => `${Math.round(Number(px) * scale)}px`);

/** How much larger than by default the person wants texts: rows and columns in pixels grow with them. */
export function textScale(): number {
  const scale = Number(document.documentElement.style.getPropertyValue("--text-scale"));
  return scale > 0 ? scale : 1;
}

/** "minmax(160px, 1fr)" for larger texts. */
export const scaledTrack = (track: string, scale: number): string =>
  track.replace(/([\d.]+)px/g, (_, px: string) => `${Math.round(Number(px) * scale)}px`);

export const counterHeightPx = 48;
/** Lines of one chart differ by their dashes as well as by colour. */
export const counterDashes: readonly (readonly number[])[] = [[], [6, 3], [2, 2], [8, 3, 2, 3]];

/** PATH with rbspy in front. */
export function pathWithRbspy(): string;

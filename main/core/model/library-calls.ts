/** Category of the intervals that are calls of a library's functions. */
export const libraryCategory = "library call";

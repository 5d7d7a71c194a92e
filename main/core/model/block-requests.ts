/** Requests to disks, as a recording of the kernel's events of them has them. */

/** Series with a sample a request: time, requests, bytes; labels "device", "operation", "error". */
export const requestsId = "block-requests";

/** Category of the marks that give devices their names: the name of the mark, "254:0" as its args. */
export const deviceCategory = "block-device";

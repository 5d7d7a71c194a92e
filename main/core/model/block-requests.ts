/** Requests to disks, as a recording of the kernel's events of them has them. */

/**
 * Series with a sample a request: time, requests, bytes, and where the thread is the one that asked, the time in the queue;
 * labels "device", "operation", "error", "flags", "place", "issued by".
 */
export const requestsId = "block-requests";

/** Category of the marks that give devices their names: the name of the mark, "254:0" as its args. */
export const deviceCategory = "block-device";

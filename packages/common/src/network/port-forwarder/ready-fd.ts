/** Descriptor on which the process says `ok`, or which errno met which port. */
export const READY_FD = 3;

/** Shared by the servers and the load; it protects nothing. */
export const benchSecret = 'bench-signing-secret';

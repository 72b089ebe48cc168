/** The variable that holds the encryption key. Without it SQLite uses a key file. */
export const encryptionKeyVariable = 'SPACELIFT_SLACK_ENCRYPTION_KEY';
/** The variable that holds the key that is being replaced. Without it SQLite uses a second key file, if there is one. */
export const previousKeyVariable = 'SPACELIFT_SLACK_ENCRYPTION_KEY_PREVIOUS';

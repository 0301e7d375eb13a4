/** The version of Tradewind; set-up checks that it is package.json's. */
export const TRADEWIND_VERSION = '0.1.0';

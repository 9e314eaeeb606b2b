/**
 * How long a token family lives without a sign of life, and a refresh token within it. Both begin anew with every refresh
 * and with every use of an access token: a connection in use never ends by itself.
 */
export const FAMILY_DAYS = 180;
export const REFRESH_TOKEN_DAYS = 30;

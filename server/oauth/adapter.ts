import type { AdapterFactory } from 'oidc-provider';

import type { Context } from '../context.ts';

import { createClientStore } from './client-store.ts';
import { createGrantStore } from './grant-store.ts';
import { createStateStore } from './state-store.ts';
import { createTokenStore } from './token-store.ts';

/** Where oidc-provider keeps each kind of thing. Nothing is stored that would let a reader of the database act as anybody. */
export function createAdapterFactory(context: Context): AdapterFactory {
  return (name) => {
    switch (name) {
      case 'Client':
        return createClientStore(context);
      case 'Grant':
        return createGrantStore(context);
      case 'AuthorizationCode':
      case 'AccessToken':
      case 'RefreshToken':
        return createTokenStore(context, name);
      default:
        return createStateStore(context, name);
    }
  };
}

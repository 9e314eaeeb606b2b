// Refusals in the shape and with the codes of https://developers.facebook.com/docs/graph-api/guides/error-handling (checked 2026-11).
import type { FakeAnswer } from '../fake-server.ts';

export interface GraphRefusal {
  status: number;
  code: number;
  subcode?: number;
  type?: string;
  message: string;
}

export const REFUSALS = {
  badApp: { status: 400, code: 101, message: 'Error validating application. Cannot get application info.' },
  badCode: { status: 400, code: 100, subcode: 36009, message: 'This authorization code has been used.' },
  badProof: { status: 400, code: 100, type: 'GraphMethodException', message: 'Invalid appsecret_proof' },
  malformed: { status: 400, code: 190, message: 'Malformed access token' },
  expired: {
    status: 400,
    code: 190,
    subcode: 463,
    message: 'Error validating access token: Session has expired',
  },
  revoked: {
    status: 400,
    code: 190,
    subcode: 458,
    message: 'The user has not authorized application',
  },
  noPermission: { status: 403, code: 200, message: '(#200) Permissions error' },
  gone: {
    status: 400,
    code: 100,
    subcode: 33,
    type: 'GraphMethodException',
    message: 'Unsupported request. Object does not exist',
  },
  duplicate: { status: 400, code: 506, subcode: 1455006, message: 'Duplicate status message' },
  unknownPath: { status: 400, code: 2500, message: 'Unknown path components' },
  unknownParameter: { status: 400, code: 100, message: '(#100) Unexpected parameter' },
  unknownMetric: {
    status: 400,
    code: 100,
    message: '(#100) The value must be a valid insights metric',
  },
  unknownPhoto: { status: 400, code: 100, message: '(#100) Invalid parameter attached_media' },
  noPhoto: { status: 400, code: 324, message: '(#324) Requires upload file' },
  publishesPhoto: { status: 400, code: 100, message: '(#100) A test never publishes a photo by itself' },
  largePhoto: { status: 400, code: 1, message: 'The photo is too large' },
  empty: { status: 400, code: 100, message: '(#100) Invalid parameter' },
  tooLong: { status: 400, code: 100, message: '(#100) The message is too long' },
} satisfies Record<string, GraphRefusal>;

export function graphError({ status, code, subcode, type = 'OAuthException', message }: GraphRefusal) {
  return {
    status,
    body: {
      error: {
        message,
        type,
        code,
        ...(subcode !== undefined && { error_subcode: subcode }),
        fbtrace_id: 'AbCdEfGhIjK',
      },
    },
  } satisfies FakeAnswer;
}

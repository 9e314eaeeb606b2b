// Error answers as LinkedIn gives them: by its documentation, and as reported where the documentation is silent; the bodies are
// also in examples/errors.json with their sources.
import type { FakeAnswer } from '../fake-server.ts';

export function refuse(status: number, code: string, message: string, serviceErrorCode?: number): FakeAnswer {
  return {
    status,
    body: { status, ...(serviceErrorCode !== undefined && { serviceErrorCode }), code, message },
  };
}

export const TOKEN_REFUSALS = {
  unknown: refuse(401, 'INVALID_ACCESS_TOKEN', 'Invalid access token', 65600),
  revoked: refuse(
    401,
    'REVOKED_ACCESS_TOKEN',
    'The token used in the request has been revoked by the user',
    65601,
  ),
  expired: refuse(401, 'EXPIRED_ACCESS_TOKEN', 'The token used in the request has expired', 65602),
} as const;

export function refusePermission(resource: string): FakeAnswer {
  return refuse(403, 'ACCESS_DENIED', `Not enough permissions to access: ${resource}`, 100);
}

export function refuseVersion(version: string | null): FakeAnswer {
  if (version === null) {
    const message =
      'A version must be present. Please specify a version by adding the LinkedIn-Version header.';
    return refuse(400, 'VERSION_MISSING', message);
  }
  return refuse(426, 'NONEXISTENT_VERSION', `Requested version ${version} is not active`);
}

/** A field of a request that the schema does not allow. */
export function refuseField(field: string, why: string): FakeAnswer {
  return refuse(422, 'UNPROCESSABLE_ENTITY', `ERROR :: /${field} :: ${why}\n`);
}

export function refuseDuplicate(urn: string): FakeAnswer {
  return {
    status: 422,
    body: {
      errorDetailType: 'com.linkedin.common.error.BadRequest',
      message: `com.linkedin.content.common.exception.BadRequestResponseException: Content is a duplicate of ${urn}`,
      errorDetails: {
        inputErrors: [{ description: 'Duplicate post is detected', input: {}, code: 'DUPLICATE_POST' }],
      },
      status: 422,
    },
  };
}

export const NOT_FOUND = refuse(404, 'NOT_FOUND', 'Resource not found');

/** No header says when it ends. */
export function refuseForNow(scope: 'MEMBER' | 'APPLICATION' | null): FakeAnswer {
  const limit = scope ? `${scope} DAY limit` : 'limit';
  return {
    status: 429,
    body: {
      status: 429,
      serviceErrorCode: 101,
      code: 'TOO_MANY_REQUESTS',
      message: `Resource level throttle ${limit} for calls to this resource is reached.`,
    },
  };
}

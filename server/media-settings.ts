import type { Settings } from './config.ts';
import { invalidInput } from './errors.ts';

export type MediaSettings = Readonly<{
  /** Of a picture as it comes. */
  maxBytes: number;
  /** Of all pictures of a team, with what networks got or will get of them. */
  quotaBytes: number;
  /** How long what networks got is kept after a post is over on every channel. */
  publishedPicturesDays: number;
  /** Undefined: on disk. */
  s3: S3Settings | undefined;
}>;

export type S3Settings = Readonly<{
  /** An origin, with a path where the API has one. */
  endpoint: string;
  bucket: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  /** The bucket stands in the path, not in the host name. */
  hasPathStyle: boolean;
}>;

/** @throws AppError InvalidInput (`invalid_setting`) for settings that do not make sense together */
export function mediaOf(settings: Settings): MediaSettings {
  return {
    maxBytes: Math.round(settings.MEDIA_MAX_MB * 1e6),
    quotaBytes: Math.round(settings.MEDIA_QUOTA_MB * 1e6),
    publishedPicturesDays: settings.PUBLISHED_PICTURES_DAYS,
    s3: s3Of(settings),
  };
}

function s3Of(settings: Settings): S3Settings | undefined {
  const {
    S3_BUCKET: bucket,
    S3_ACCESS_KEY_ID: accessKeyId,
    S3_SECRET_ACCESS_KEY: secretAccessKey,
  } = settings;
  if (!bucket && !accessKeyId && !secretAccessKey && !settings.S3_ENDPOINT) return undefined;
  if (!bucket || !accessKeyId || !secretAccessKey) {
    throw invalidInput({
      code: 'invalid_setting',
      message:
        'S3_BUCKET, S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY put the media library on S3 together: set all three, or no S3_ setting.',
    });
  }
  const region = settings.S3_REGION;
  return {
    endpoint: settings.S3_ENDPOINT ?? `https://s3.${region}.amazonaws.com`,
    bucket,
    region,
    accessKeyId,
    secretAccessKey,
    hasPathStyle: settings.S3_FORCE_PATH_STYLE,
  };
}

import { randomBytes } from 'node:crypto';

export interface FakeImage {
  urn: string;
  owner: string;
  uploadId: string;
  uploadExpiresAt: Date;
  /** Null: nothing was uploaded yet. */
  uploadedAt: Date | null;
  byteCount: number;
  isBroken: boolean;
}

export interface FakePost {
  id: string;
  author: string;
  /** Who called. */
  memberUrn: string;
  /** As it was sent. */
  commentary: string;
  content: Record<string, unknown> | undefined;
  createdAt: number;
  isDeleted: boolean;
  images: { id: string; altText: string }[];
}

export interface FakeNumbers {
  impressionCount: number;
  clickCount: number;
  likeCount: number;
  commentCount: number;
  shareCount: number;
}

export interface LinkedinState {
  /** Member urn by the id that people sign in with. */
  members: Map<string, { urn: string; name: string }>;
  /** By urn. */
  organizations: Map<string, { name: string; administrators: Set<string>; followers: number }>;
  images: Map<string, FakeImage>;
  posts: FakePost[];
  numbers: Map<string, FakeNumbers>;
  /** The author's calls are refused until then. */
  throttledUntil: Map<string, Date>;
  imageSeconds: number;
}

export function emptyState(): LinkedinState {
  return {
    members: new Map(),
    organizations: new Map(),
    images: new Map(),
    posts: [],
    numbers: new Map(),
    throttledUntil: new Map(),
    imageSeconds: 0,
  };
}

let serial = 7_141_138_937_766_391_808n;

export function newPostUrn(hasPictures: boolean): string {
  serial += 1n + BigInt(randomBytes(2).readUInt16BE(0));
  return `urn:li:${hasPictures ? 'ugcPost' : 'share'}:${serial}`;
}

export function newImageUrn(): string {
  return `urn:li:image:C4E10AQ${randomBytes(9).toString('base64url')}`;
}

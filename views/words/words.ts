import type { PresetId, Scope } from '../../server/scopes.ts';

/** Everything that the pages say on the way from an app to an approved connection, in one language. */
export interface Words {
  /** BCP 47, for `<html lang>` and for dates. */
  language: string;
  skipToContent: string;
  home: string;
  /** What a connection with this scope may do. */
  scopes: Readonly<Record<Scope, string>>;
  presets: Readonly<Record<PresetId, string>>;
  signIn: SignInWords;
  client: ClientWords;
  consent: ConsentWords;
  details: DetailsWords;
  replace: ReplaceWords;
  returning: ReturningWords;
  problems: Readonly<Record<ConnectProblem, { title: string; advice: string }>>;
  unanswered: UnansweredWords;
  tooManyStarts: { title: string; advice: (minutes: number) => string };
  forTheMakers: string;
}

/** Words around a name, which stands in an element of its own. */
export interface Around {
  before: string;
  after: string;
}

/** The page that a person meets first when they are not signed in. */
export interface SignInWords {
  title: string;
  anAppAsks: string;
  email: string;
  password: string;
  submit: string;
  withCompany: (company: string) => string;
  orWithPassword: string;
  wrong: string;
  tooManyTries: (minutes: number) => string;
  noOwner: { title: string; advice: string };
}

/** Who asks. */
export interface ClientWords {
  nameless: string;
  imitates: (known: string) => string;
  calledItself: string;
  verified: (host: string) => string;
  unverified: string;
  goesHere: Around;
  /** What to check before allowing. */
  checkHere: string;
  checkSite: (host: string) => string;
  anybody: string;
  checkKnownSite: (host: string) => string;
  checkVerifiedHere: (host: string) => string;
  checkClaim: (known: string) => string;
  checkImitation: (known: string) => string;
}

export interface ConsentWords {
  titleForSite: (host: string) => string;
  titleForAppHere: string;
  team: string;
  onlyLooking: (team: string) => string;
  whatMayItDo: string;
  allow: string;
  deny: string;
  signedInAs: Around;
  asksForMore: string;
  isNew: string;
  problems: Readonly<Record<ConsentProblem, string>>;
}

/** What can be wrong with an answer. */
export type ConsentProblem =
  | 'no_team'
  | 'team'
  | 'preset'
  | 'nothing_allowed'
  | 'no_permission'
  | 'unknown_channel'
  | 'no_channel'
  | 'posts_per_day'
  | 'until'
  | 'until_passed';

export interface DetailsWords {
  summary: string;
  permissions: string;
  permissionsHint: string;
  publishing: string;
  publishingHint: string;
  channelsOf: (team: string) => string;
  noChannels: string;
  postsPerDay: string;
  postsPerDayHint: string;
  until: string;
  untilHint: string;
}

/** The offer to end earlier connections of the same client. */
export interface ReplaceWords {
  title: string;
  connection: (madeOn: string) => string;
  lastUsed: (on: string) => string;
  neverUsed: string;
  posts: (count: number) => string;
  /** Why it is offered, which also says why it is ticked or not. */
  because: Readonly<Record<ReplaceReason, string>>;
  hint: string;
}

export type ReplaceReason = 'step_up' | 'same_registration' | 'same_document' | 'same_name';

export interface ReturningWords {
  title: Around;
  goOn: Around;
  approved: string;
  denied: string;
}

/** A wrong request of a client that the person never allowed. */
export interface UnansweredWords {
  leadsToSite: Around;
  leadsHere: Around;
  goTo: Around;
}

export type ConnectProblem =
  'unknown_client' | 'unknown_redirect' | 'server_error' | 'start_again' | 'refused';

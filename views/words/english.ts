import type { Words } from './words.ts';

export const ENGLISH: Words = {
  language: 'en',
  skipToContent: 'Skip to the content',
  home: 'Home',
  scopes: {
    'campaigns:read': 'View campaigns, briefs and linked channels',
    'campaigns:write': 'Create and change campaigns',
    'captions:read': 'View posts and captions',
    'captions:write': 'Write and change posts and captions, put posts into the trash',
    'schedule:read': 'View the schedule and free slots',
    'schedule:write': 'Schedule posts; each waits for your approval unless publishing is allowed too',
    'posts:publish': 'Publish without asking you first, settle what failed, take posts down',
    'analytics:read': 'View the numbers of posts, campaigns and channels',
    'audit:read': 'View who did what',
    'media:read': 'View the media library',
    'media:write': 'Add, change and delete media',
  },
  presets: {
    look: 'Look only',
    draft: 'Write drafts',
    schedule: 'Schedule with my approval',
    publish: 'Publish for me',
  },
  signIn: {
    title: 'Sign in',
    anAppAsks: 'An app asks to be connected. Sign in first; then you decide what it may do.',
    email: 'Email',
    password: 'Password',
    submit: 'Sign in',
    withCompany: (company) => `Continue with ${company}`,
    orWithPassword: 'or with a password',
    wrong: 'The email or the password is not right.',
    tooManyTries: (minutes) =>
      `Too many tries. Wait ${minutes === 1 ? 'a minute' : `${minutes} minutes`} and try again.`,
    noOwner: {
      title: 'This server has no owner yet.',
      advice: 'Open the one-time set-up link that it printed in the terminal when it started.',
    },
  },
  client: {
    nameless: 'An app without a name',
    imitates: (known) => `An app whose name imitates ${known}`,
    calledItself: 'It calls itself',
    verified: (host) => `verified: ${host}`,
    unverified: 'unverified',
    goesHere: { before: 'Access goes to an app on this computer (', after: ').' },
    checkHere:
      'Did you just start this from your editor? If not, deny. Any app on this computer can use this name.',
    checkSite: (host) => `Did you just start this at ${host}, and do you trust that site? If not, deny.`,
    anybody: 'Anybody can use this name.',
    checkKnownSite: (host) => `Did you just start this at ${host}? If not, deny.`,
    checkVerifiedHere: (host) =>
      `Did you just start this from your editor? If not, deny. ${host} vouches for the name, but any app on this computer can use it.`,
    checkClaim: (known) => `Nothing shows that this is ${known}: anybody can use the name.`,
    checkImitation: (known) =>
      `Its name is written with characters that only look like “${known}”. Real apps do not do that: deny, unless you know why.`,
  },
  consent: {
    titleForSite: (host) => `Connect ${host} to Grantcast?`,
    titleForAppHere: 'Connect an app on this computer to Grantcast?',
    team: 'Team',
    onlyLooking: (team) => `${team} (you can only look there, so can it)`,
    whatMayItDo: 'What may it do?',
    allow: 'Allow',
    deny: 'Deny',
    signedInAs: {
      before: 'You are signed in as ',
      after: '. You can revoke this at any time under Connections.',
    },
    asksForMore: 'It asks for more than its connection may do now.',
    isNew: 'New:',
    problems: {
      no_team: 'You are in no team yet. Ask an owner of a team to add you.',
      team: 'Choose one of your teams.',
      preset: 'Choose what it may do.',
      nothing_allowed: 'The app asked for nothing that this choice allows. Choose another one, or deny.',
      no_permission: 'Nothing is ticked that this choice allows. Tick what it may do, or deny.',
      unknown_channel: 'A channel that you chose is not linked any more. Look at the channels again.',
      no_channel: 'Tick at least one channel on which it may publish, or choose not to let it publish.',
      posts_per_day: 'Give a whole number from 1 to 500, or leave it empty for no limit.',
      until: 'Give a day as year-month-day, for example 2030-12-31, or leave it empty for no end.',
      until_passed: 'This day has passed. Give one that is still to come, or leave it empty for no end.',
    },
  },
  details: {
    summary: 'Change details',
    permissions: 'Single permissions',
    permissionsHint: 'Of what you chose above. Untick what it should not do.',
    publishing: 'Where it may publish without asking you',
    publishingHint: 'On other channels, and beyond the limits here, each post waits for your approval.',
    channelsOf: (team) => `Channels of ${team}`,
    noChannels: 'No channel is linked yet. For the first post on a new one you are asked.',
    postsPerDay: 'Posts a day on each channel',
    postsPerDayHint: 'Empty: no limit.',
    until: 'Last day',
    untilHint: 'Empty: no end.',
  },
  replace: {
    title: 'Replace an earlier connection',
    connection: (madeOn) => `The one of ${madeOn}`,
    lastUsed: (on) => `Last used ${on}.`,
    neverUsed: 'Never used.',
    posts: (count) =>
      count === 0
        ? 'No posts wait under it.'
        : count === 1
          ? '1 scheduled post moves over.'
          : `${count} scheduled posts move over.`,
    because: {
      step_up: 'It asks for more for this very connection, so it no longer needs the old one.',
      same_registration: 'The same installation asks again, so it has most likely lost this one.',
      same_document: 'Tick it only if this is the same installation; all of them share one identity.',
      same_name: 'Tick it only if this is the same app on the same computer; names prove nothing.',
    },
    hint: 'A replaced connection ends at once. Its posts move over as far as you let the new one schedule; the others are held for you.',
  },
  returning: {
    title: { before: 'Returning you to ', after: '' },
    goOn: { before: 'Go on to ', after: '' },
    approved: 'You allowed it. If the app has opened, you can close this window.',
    denied: 'Nothing was approved. If the app has opened, you can close this window.',
  },
  problems: {
    unknown_client: {
      title: 'This app is not known here',
      advice: 'Its registration does not exist on this server. Remove Grantcast in the app and add it again.',
    },
    unknown_redirect: {
      title: 'This app asked to be answered at an unknown address',
      advice:
        'It did not register that address, so nothing is sent there. Remove Grantcast in the app and add it again.',
    },
    server_error: {
      title: 'Something went wrong on this server',
      advice:
        'Nothing was approved. Start again from your app; if it happens again, tell whoever runs this server.',
    },
    start_again: {
      title: 'This request is no longer open',
      advice:
        'It was answered already, was open for more than an hour, or somebody else signed in meanwhile. Start again from your app.',
    },
    refused: {
      title: 'This app sent a request that cannot be answered',
      advice:
        'Nothing was approved. Start again from your app; if it happens again, the app needs to be corrected.',
    },
  },
  unanswered: {
    leadsToSite: {
      before: 'The app can be told what is wrong. That leads to ',
      after: ', so go there only if you came from it.',
    },
    leadsHere: {
      before: 'The app can be told what is wrong. That opens an app on this computer (',
      after: '), so do it only if you came from it.',
    },
    goTo: { before: 'Go to ', after: '' },
  },
  tooManyStarts: {
    title: 'Too many apps were connected from here',
    advice: (minutes) =>
      `Wait ${minutes === 1 ? 'a minute' : `${minutes} minutes`}, then start again from your app. Or sign in here first: who is signed in need not wait.`,
  },
  forTheMakers: 'For the app’s makers',
};

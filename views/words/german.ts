import type { Words } from './words.ts';

export const GERMAN: Words = {
  language: 'de',
  skipToContent: 'Zum Inhalt springen',
  home: 'Startseite',
  scopes: {
    'campaigns:read': 'Kampagnen, Briefings und verknüpfte Kanäle ansehen',
    'campaigns:write': 'Kampagnen anlegen und ändern',
    'captions:read': 'Beiträge und Texte ansehen',
    'captions:write': 'Beiträge und Texte schreiben und ändern, Beiträge in den Papierkorb legen',
    'schedule:read': 'Den Zeitplan und freie Plätze ansehen',
    'schedule:write':
      'Beiträge einplanen; jeder wartet auf Ihre Freigabe, wenn nicht auch Veröffentlichen erlaubt ist',
    'posts:publish':
      'Veröffentlichen, ohne Sie vorher zu fragen, Fehlgeschlagenes klären, Beiträge zurückziehen',
    'analytics:read': 'Die Zahlen zu Beiträgen, Kampagnen und Kanälen ansehen',
    'audit:read': 'Ansehen, wer was getan hat',
    'media:read': 'Die Mediathek ansehen',
    'media:write': 'Medien hinzufügen, ändern und löschen',
  },
  presets: {
    look: 'Nur ansehen',
    draft: 'Entwürfe schreiben',
    schedule: 'Einplanen mit meiner Freigabe',
    publish: 'Für mich veröffentlichen',
  },
  signIn: {
    title: 'Anmelden',
    anAppAsks:
      'Eine App bittet um eine Verbindung. Melden Sie sich zuerst an; dann entscheiden Sie, was sie tun darf.',
    email: 'E-Mail',
    password: 'Passwort',
    submit: 'Anmelden',
    withCompany: (company) => `Weiter mit ${company}`,
    orWithPassword: 'oder mit einem Passwort',
    wrong: 'Die E-Mail-Adresse oder das Passwort ist nicht richtig.',
    tooManyTries: (minutes) =>
      `Zu viele Versuche. Warten Sie ${minutes === 1 ? 'eine Minute' : `${minutes} Minuten`} und versuchen Sie es noch einmal.`,
    noOwner: {
      title: 'Dieser Server gehört noch niemandem.',
      advice: 'Öffnen Sie den einmaligen Link zum Einrichten, den er beim Start im Terminal ausgegeben hat.',
    },
  },
  client: {
    nameless: 'Eine App ohne Namen',
    imitates: (known) => `Eine App, deren Name ${known} nachahmt`,
    calledItself: 'Sie nennt sich',
    verified: (host) => `bestätigt: ${host}`,
    unverified: 'nicht bestätigt',
    goesHere: { before: 'Der Zugang geht an eine App auf diesem Computer (', after: ').' },
    checkHere:
      'Haben Sie das gerade selbst in Ihrem Editor begonnen? Wenn nicht, lehnen Sie ab. Jede App auf diesem Computer kann diesen Namen verwenden.',
    checkSite: (host) =>
      `Haben Sie das gerade selbst bei ${host} begonnen, und vertrauen Sie dieser Seite? Wenn nicht, lehnen Sie ab.`,
    anybody: 'Jeder kann diesen Namen verwenden.',
    checkKnownSite: (host) => `Haben Sie das gerade selbst bei ${host} begonnen? Wenn nicht, lehnen Sie ab.`,
    checkVerifiedHere: (host) =>
      `Haben Sie das gerade selbst in Ihrem Editor begonnen? Wenn nicht, lehnen Sie ab. ${host} steht für den Namen ein, aber jede App auf diesem Computer kann ihn verwenden.`,
    checkClaim: (known) => `Nichts belegt, dass dies ${known} ist: Jeder kann den Namen verwenden.`,
    checkImitation: (known) =>
      `Der Name ist mit Zeichen geschrieben, die nur so aussehen wie „${known}“. Echte Apps tun das nicht: Lehnen Sie ab, wenn Sie den Grund nicht kennen.`,
  },
  consent: {
    titleForSite: (host) => `${host} mit Grantcast verbinden?`,
    titleForAppHere: 'Eine App auf diesem Computer mit Grantcast verbinden?',
    team: 'Team',
    onlyLooking: (team) => `${team} (dort dürfen Sie nur ansehen, also auch die App)`,
    whatMayItDo: 'Was darf sie tun?',
    allow: 'Erlauben',
    deny: 'Ablehnen',
    signedInAs: {
      before: 'Sie sind angemeldet als ',
      after: '. Unter „Connections“ können Sie die Verbindung jederzeit widerrufen.',
    },
    asksForMore: 'Die App bittet um mehr, als ihre Verbindung bisher darf.',
    isNew: 'Neu:',
    problems: {
      no_team: 'Sie sind noch in keinem Team. Bitten Sie eine Person, der ein Team gehört, Sie aufzunehmen.',
      team: 'Wählen Sie eines Ihrer Teams.',
      preset: 'Wählen Sie, was die App tun darf.',
      nothing_allowed:
        'Die App hat um nichts gebeten, was diese Auswahl erlaubt. Wählen Sie eine andere, oder lehnen Sie ab.',
      no_permission:
        'Nichts ist angekreuzt, was diese Auswahl erlaubt. Kreuzen Sie an, was die App darf, oder lehnen Sie ab.',
      unknown_channel:
        'Ein Kanal, den Sie gewählt haben, ist nicht mehr verknüpft. Sehen Sie sich die Kanäle noch einmal an.',
      no_channel:
        'Kreuzen Sie mindestens einen Kanal an, auf dem sie veröffentlichen darf, oder erlauben Sie das Veröffentlichen nicht.',
      posts_per_day: 'Geben Sie eine ganze Zahl von 1 bis 500 an, oder nichts für keine Grenze.',
      until: 'Geben Sie einen Tag als Jahr-Monat-Tag an, zum Beispiel 2030-12-31, oder nichts für kein Ende.',
      until_passed: 'Dieser Tag ist vorbei. Geben Sie einen an, der noch kommt, oder nichts für kein Ende.',
    },
  },
  details: {
    summary: 'Einzelheiten ändern',
    permissions: 'Einzelne Rechte',
    permissionsHint: 'Von dem, was Sie oben gewählt haben. Nehmen Sie weg, was die App nicht tun soll.',
    publishing: 'Wo sie veröffentlichen darf, ohne Sie zu fragen',
    publishingHint: 'Auf anderen Kanälen und jenseits dieser Grenzen wartet jeder Beitrag auf Ihre Freigabe.',
    channelsOf: (team) => `Kanäle von ${team}`,
    noChannels: 'Noch ist kein Kanal verknüpft. Beim ersten Beitrag auf einem neuen werden Sie gefragt.',
    postsPerDay: 'Beiträge am Tag je Kanal',
    postsPerDayHint: 'Leer: keine Grenze.',
    until: 'Letzter Tag',
    untilHint: 'Leer: kein Ende.',
  },
  replace: {
    title: 'Eine frühere Verbindung ersetzen',
    connection: (madeOn) => `Die vom ${madeOn}`,
    lastUsed: (on) => `Zuletzt benutzt am ${on}.`,
    neverUsed: 'Nie benutzt.',
    posts: (count) =>
      count === 0
        ? 'Keine Beiträge warten unter ihr.'
        : count === 1
          ? '1 eingeplanter Beitrag zieht um.'
          : `${count} eingeplante Beiträge ziehen um.`,
    because: {
      step_up: 'Die App bittet für genau diese Verbindung um mehr und braucht die alte nicht mehr.',
      same_registration: 'Dieselbe Installation fragt noch einmal, hat diese also wahrscheinlich verloren.',
      same_document: 'Nur ankreuzen, wenn es dieselbe Installation ist; alle teilen sich eine Identität.',
      same_name: 'Nur ankreuzen, wenn es dieselbe App auf demselben Computer ist; Namen beweisen nichts.',
    },
    hint: 'Eine ersetzte Verbindung endet sofort. Ihre Beiträge ziehen um, soweit die neue einplanen darf; die übrigen werden für Sie angehalten.',
  },
  returning: {
    title: { before: 'Zurück zu ', after: '' },
    goOn: { before: 'Weiter zu ', after: '' },
    approved: 'Sie haben es erlaubt. Wenn sich die App geöffnet hat, können Sie dieses Fenster schließen.',
    denied: 'Es wurde nichts erlaubt. Wenn sich die App geöffnet hat, können Sie dieses Fenster schließen.',
  },
  problems: {
    unknown_client: {
      title: 'Diese App ist hier nicht bekannt',
      advice:
        'Ihre Anmeldung gibt es auf diesem Server nicht. Entfernen Sie Grantcast in der App und fügen Sie es neu hinzu.',
    },
    unknown_redirect: {
      title: 'Diese App wollte die Antwort an eine unbekannte Adresse',
      advice:
        'Diese Adresse hat sie nicht angemeldet, also wird nichts dorthin geschickt. Entfernen Sie Grantcast in der App und fügen Sie es neu hinzu.',
    },
    server_error: {
      title: 'Auf diesem Server ist etwas schiefgegangen',
      advice:
        'Es wurde nichts erlaubt. Beginnen Sie noch einmal in Ihrer App; wenn es wieder geschieht, sagen Sie es denen, die den Server betreiben.',
    },
    start_again: {
      title: 'Diese Anfrage ist nicht mehr offen',
      advice:
        'Sie wurde schon beantwortet, war länger als eine Stunde offen, oder es hat sich inzwischen jemand anderes angemeldet. Beginnen Sie noch einmal in Ihrer App.',
    },
    refused: {
      title: 'Diese App hat eine Anfrage geschickt, die nicht beantwortet werden kann',
      advice:
        'Es wurde nichts erlaubt. Beginnen Sie noch einmal in Ihrer App; wenn es wieder geschieht, muss die App berichtigt werden.',
    },
  },
  unanswered: {
    leadsToSite: {
      before: 'Der App kann mitgeteilt werden, was falsch ist. Das führt zu ',
      after: '. Gehen Sie nur dorthin, wenn Sie von dort kommen.',
    },
    leadsHere: {
      before: 'Der App kann mitgeteilt werden, was falsch ist. Das öffnet eine App auf diesem Computer (',
      after: '). Tun Sie das nur, wenn Sie von dort kommen.',
    },
    goTo: { before: 'Weiter zu ', after: '' },
  },
  tooManyStarts: {
    title: 'Von hier wurden zu viele Apps verbunden',
    advice: (minutes) =>
      `Warten Sie ${minutes === 1 ? 'eine Minute' : `${minutes} Minuten`} und beginnen Sie dann noch einmal in Ihrer App. Oder melden Sie sich zuerst hier an: Wer angemeldet ist, muss nicht warten.`,
  },
  forTheMakers: 'Für die Hersteller der App',
};

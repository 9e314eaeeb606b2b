/**
 * What the suite asks for and Grantcast does not offer, by reason. A line is `what was tested: scenario: check id`; a line
 * that stops failing must go.
 */
const NOT_OFFERED: readonly { reason: string; checks: readonly string[] }[] = [
  {
    reason: 'Completion is for prompts and resource templates; there are none.',
    checks: [
      'fixtures 2025-11-25: completion-complete: completion-complete',
      'fixtures 2026-07-28: completion-complete: completion-complete',
    ],
  },
  {
    reason:
      'No tool asks the client back (elicitation, sampling, roots): most clients cannot, and a person decides in the browser.',
    checks: [
      'fixtures 2025-11-25: elicitation-sep1034-defaults: elicitation-sep1034-general',
      'fixtures 2025-11-25: elicitation-sep1330-enums: elicitation-sep1330-general',
      'fixtures 2025-11-25: tools-call-elicitation: tools-call-elicitation',
      'fixtures 2025-11-25: tools-call-sampling: tools-call-sampling',
      'fixtures 2026-07-28: input-required-result-basic-elicitation: sep-2322-elicitation-incomplete',
      'fixtures 2026-07-28: input-required-result-basic-list-roots: sep-2322-list-roots-incomplete',
      'fixtures 2026-07-28: input-required-result-basic-sampling: sep-2322-sampling-incomplete',
      'fixtures 2026-07-28: input-required-result-capability-check: sep-2322-respect-client-capabilities',
      'fixtures 2026-07-28: input-required-result-ignore-extra-params: sep-2322-ignore-unexpected-params',
      'fixtures 2026-07-28: input-required-result-missing-input-response: sep-2322-missing-response-rerequests',
      'fixtures 2026-07-28: input-required-result-multi-round: sep-2322-multi-round-r1',
      'fixtures 2026-07-28: input-required-result-multiple-input-requests: sep-2322-multiple-inputs-incomplete',
      'fixtures 2026-07-28: input-required-result-non-tool-request: sep-2322-non-tool-incomplete',
      'fixtures 2026-07-28: input-required-result-request-state: sep-2322-request-state-incomplete',
      'fixtures 2026-07-28: input-required-result-result-type: sep-2322-result-type-included',
      'fixtures 2026-07-28: input-required-result-tampered-state: sep-2322-reject-tampered-state',
    ],
  },
  {
    reason: 'Protocol logging is deprecated since 2026-07-28 and not offered.',
    checks: [
      'fixtures 2025-11-25: logging-set-level: logging-set-level',
      'fixtures 2025-11-25: tools-call-with-logging: tools-call-with-logging',
    ],
  },
  {
    reason: 'No prompts are offered.',
    checks: [
      'fixtures 2025-11-25: prompts-get-embedded-resource: prompts-get-embedded-resource',
      'fixtures 2025-11-25: prompts-get-simple: prompts-get-simple',
      'fixtures 2025-11-25: prompts-get-with-args: prompts-get-with-args',
      'fixtures 2025-11-25: prompts-get-with-image: prompts-get-with-image',
      'fixtures 2025-11-25: prompts-list: prompts-list',
      'fixtures 2026-07-28: caching: sep-2549-prompts-list-caching-hints',
      'fixtures 2026-07-28: prompts-get-embedded-resource: prompts-get-embedded-resource',
      'fixtures 2026-07-28: prompts-get-simple: prompts-get-simple',
      'fixtures 2026-07-28: prompts-get-with-args: prompts-get-with-args',
      'fixtures 2026-07-28: prompts-get-with-image: prompts-get-with-image',
      'fixtures 2026-07-28: prompts-list: prompts-list',
      'product 2026-07-28: caching: sep-2549-prompts-list-caching-hints',
    ],
  },
  {
    reason: 'No resources are offered: what a client may read, it reads with tools, under the same guard.',
    checks: [
      'fixtures 2025-11-25: resources-list: resources-list',
      'fixtures 2025-11-25: resources-read-binary: resources-read-binary',
      'fixtures 2025-11-25: resources-read-text: resources-read-text',
      'fixtures 2025-11-25: resources-subscribe: resources-subscribe',
      'fixtures 2025-11-25: resources-templates-read: resources-templates-read',
      'fixtures 2025-11-25: resources-unsubscribe: resources-unsubscribe',
      'fixtures 2026-07-28: caching: sep-2549-resources-list-caching-hints',
      'fixtures 2026-07-28: caching: sep-2549-resources-templates-list-caching-hints',
      'fixtures 2026-07-28: resources-list: resources-list',
      'fixtures 2026-07-28: resources-read-binary: resources-read-binary',
      'fixtures 2026-07-28: resources-read-text: resources-read-text',
      'fixtures 2026-07-28: resources-templates-read: resources-templates-read',
      'fixtures 2026-07-28: sep-2164-resource-not-found: sep-2164-data-uri',
      'fixtures 2026-07-28: sep-2164-resource-not-found: sep-2164-error-code',
      'product 2026-07-28: caching: sep-2549-resources-list-caching-hints',
      'product 2026-07-28: caching: sep-2549-resources-templates-list-caching-hints',
    ],
  },
  {
    reason:
      'The endpoint is stateless: there is no session and no stream to resume, so none of it is announced.',
    checks: [
      'fixtures 2025-11-25: server-sse-multiple-streams: server-sse-multiple-streams-session',
      'fixtures 2025-11-25: server-sse-polling: server-sse-polling-session',
      'fixtures 2025-11-25: server-sse-polling: server-sse-priming-event',
      'fixtures 2025-11-25: server-sse-polling: server-sse-retry-field',
    ],
  },
  {
    reason: 'No tool asks for parameters to be repeated in headers (x-mcp-header).',
    checks: [
      'fixtures 2026-07-28: http-custom-header-server-validation: sep-2243-server-decode-base64',
      'fixtures 2026-07-28: http-custom-header-server-validation: sep-2243-server-no-xmcp-tool',
      'fixtures 2026-07-28: http-custom-header-server-validation: sep-2243-server-reject-invalid-param-chars',
      'fixtures 2026-07-28: http-custom-header-server-validation: sep-2243-server-reject-param-mismatch',
      'fixtures 2026-07-28: http-custom-header-server-validation: sep-2243-server-validate-param-match',
    ],
  },
  {
    reason:
      'The tasks extension is not offered: no tool runs for minutes, publishing is a job of its own with its own states.',
    checks: [
      'fixtures 2026-07-28: tasks-capability-negotiation: sep-2663-server-rejects-undeclared-client',
      'fixtures 2026-07-28: tasks-capability-negotiation: sep-2663-tasks-methods-non-declaring',
      'fixtures 2026-07-28: tasks-capability-negotiation: tasks-extension-advertised',
      'fixtures 2026-07-28: tasks-capability-negotiation: tasks-per-request-meta-opt-in',
      'fixtures 2026-07-28: tasks-dispatch-and-envelope: sep-2663-durable-create-strong-consistency',
      'fixtures 2026-07-28: tasks-dispatch-and-envelope: sep-2663-legacy-task-param-ignored',
      'fixtures 2026-07-28: tasks-dispatch-and-envelope: sep-2663-tasks-get-invalid-task-id-32602',
      'fixtures 2026-07-28: tasks-dispatch-and-envelope: tasks-immediate-result-shortcut',
      'fixtures 2026-07-28: tasks-dispatch-and-envelope: tasks-result-type-complete-on-non-task-responses',
      'fixtures 2026-07-28: tasks-dispatch-and-envelope: tasks-server-directed-creation-no-hint',
      'fixtures 2026-07-28: tasks-lifecycle: sep-2663-cancel-ack-empty-result',
      'fixtures 2026-07-28: tasks-lifecycle: sep-2663-result-type-task-on-create',
      'fixtures 2026-07-28: tasks-lifecycle: sep-2663-tasks-get-status-completed',
      'fixtures 2026-07-28: tasks-lifecycle: sep-2663-tasks-get-status-failed',
      'fixtures 2026-07-28: tasks-lifecycle: sep-2663-tasks-get-status-working',
      'fixtures 2026-07-28: tasks-lifecycle: sep-2663-tool-error-uses-completed-status',
      'fixtures 2026-07-28: tasks-lifecycle: tasks-cancel-terminal-idempotent-ack',
      'fixtures 2026-07-28: tasks-lifecycle: tasks-sync-tool-call',
      'fixtures 2026-07-28: tasks-mrtr-composition: sep-2663-mrtr-synchronous-before-task-creation',
      'fixtures 2026-07-28: tasks-mrtr-input: sep-2663-tasks-get-status-input-required',
      'fixtures 2026-07-28: tasks-mrtr-input: tasks-mrtr-partial-fulfillment',
      'fixtures 2026-07-28: tasks-mrtr-input: tasks-mrtr-tasks-update-resumes',
      'fixtures 2026-07-28: tasks-request-headers: sep-2663-routing-headers-accepted-on-tasks-get',
      'fixtures 2026-07-28: tasks-request-headers: sep-2663-server-rejects-mismatched-mcp-name-on-tasks-get',
      'fixtures 2026-07-28: tasks-request-headers: tasks-headers-tolerate-mcp-method-on-tools-call',
      'fixtures 2026-07-28: tasks-request-state-removal: tasks-request-state-removal-setup',
      'fixtures 2026-07-28: tasks-required-task-error: sep-2663-server-returns-missing-capability-when-required',
      'fixtures 2026-07-28: tasks-wire-fields: tasks-no-early-ttl-expiry',
      'fixtures 2026-07-28: tasks-wire-fields: tasks-no-related-task-meta-on-inlined-result',
      'fixtures 2026-07-28: tasks-wire-fields: tasks-wire-field-renames',
    ],
  },
  {
    reason: 'The check needs a tool of the suite; it runs with the fixtures.',
    checks: [
      'product 2026-07-28: server-stateless: sep-2575-http-server-no-independent-requests-on-stream',
      'product 2026-07-28: server-stateless: sep-2575-missing-capability-http-400',
      'product 2026-07-28: server-stateless: sep-2575-server-no-log-without-loglevel',
      'product 2026-07-28: server-stateless: sep-2575-server-rejects-undeclared-capability',
    ],
  },
];

/** Reason by line. */
export const EXPECTED_FAILURES: ReadonlyMap<string, string> = new Map(
  NOT_OFFERED.flatMap(({ reason, checks }) => checks.map((check) => [check, reason] as const)),
);

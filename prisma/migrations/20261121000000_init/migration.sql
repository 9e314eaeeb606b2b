-- CreateTable
CREATE TABLE "person" (
    "id" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "password_hash" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "disabled_at" TIMESTAMPTZ(6),

    CONSTRAINT "person_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "browser_session" (
    "token_hash" BYTEA NOT NULL,
    "person_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_used_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "browser_session_pkey" PRIMARY KEY ("token_hash")
);

-- CreateTable
CREATE TABLE "setup_link" (
    "token_hash" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "used_at" TIMESTAMPTZ(6),

    CONSTRAINT "setup_link_pkey" PRIMARY KEY ("token_hash")
);

-- CreateTable
CREATE TABLE "team" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "time_zone" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "team_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "membership" (
    "team_id" TEXT NOT NULL,
    "person_id" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "membership_pkey" PRIMARY KEY ("team_id","person_id")
);

-- CreateTable
CREATE TABLE "client" (
    "id" TEXT NOT NULL,
    "payload" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_used_at" TIMESTAMPTZ(6),

    CONSTRAINT "client_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "connection" (
    "id" TEXT NOT NULL,
    "team_id" TEXT NOT NULL,
    "person_id" TEXT NOT NULL,
    "client_id" TEXT NOT NULL,
    "client_name" TEXT NOT NULL,
    "redirect_host" TEXT NOT NULL,
    "scopes" TEXT[],
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_used_at" TIMESTAMPTZ(6),
    "suspect_since" TIMESTAMPTZ(6),
    "revoked_at" TIMESTAMPTZ(6),
    "revoked_by_id" TEXT,

    CONSTRAINT "connection_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "oidc_grant" (
    "id" TEXT NOT NULL,
    "connection_id" TEXT NOT NULL,
    "payload" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "oidc_grant_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "oidc_token" (
    "id_hash" BYTEA NOT NULL,
    "kind" TEXT NOT NULL,
    "grant_id" TEXT NOT NULL,
    "payload" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,
    "consumed_at" TIMESTAMPTZ(6),
    "announced_until" TIMESTAMPTZ(6),
    "last_used_at" TIMESTAMPTZ(6),
    "superseded_at" TIMESTAMPTZ(6),
    "predecessor_hash" BYTEA,
    "voided_at" TIMESTAMPTZ(6),

    CONSTRAINT "oidc_token_pkey" PRIMARY KEY ("id_hash")
);

-- CreateTable
CREATE TABLE "oidc_state" (
    "kind" TEXT NOT NULL,
    "id_hash" BYTEA NOT NULL,
    "uid" TEXT,
    "payload" JSONB NOT NULL,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "oidc_state_pkey" PRIMARY KEY ("kind","id_hash")
);

-- CreateTable
CREATE TABLE "refresh_replay" (
    "id_hash" BYTEA NOT NULL,
    "grant_id" TEXT NOT NULL,
    "sealed" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "refresh_replay_pkey" PRIMARY KEY ("id_hash")
);

-- CreateTable
CREATE TABLE "signing_key" (
    "id" TEXT NOT NULL,
    "sealed" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "signing_key_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "rate_limit" (
    "key" TEXT NOT NULL,
    "points" INTEGER NOT NULL DEFAULT 0,
    "expire" BIGINT,

    CONSTRAINT "rate_limit_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "channel" (
    "id" TEXT NOT NULL,
    "team_id" TEXT NOT NULL,
    "network" TEXT NOT NULL,
    "handle" TEXT NOT NULL,
    "remote_account_id" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'ok',
    "credentials" BYTEA,
    "token_expires_at" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "disconnected_at" TIMESTAMPTZ(6),

    CONSTRAINT "channel_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "campaign" (
    "id" TEXT NOT NULL,
    "team_id" TEXT NOT NULL,
    "rev" INTEGER NOT NULL DEFAULT 1,
    "name" TEXT NOT NULL,
    "goal" TEXT NOT NULL,
    "audience" TEXT,
    "key_messages" TEXT[],
    "starts_on" DATE,
    "ends_on" DATE,
    "status" TEXT NOT NULL DEFAULT 'active',
    "created_by_person_id" TEXT NOT NULL,
    "created_by_connection_id" TEXT,
    "client_ref" TEXT,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "campaign_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "campaign_channel" (
    "team_id" TEXT NOT NULL,
    "campaign_id" TEXT NOT NULL,
    "channel_id" TEXT NOT NULL,

    CONSTRAINT "campaign_channel_pkey" PRIMARY KEY ("campaign_id","channel_id")
);

-- CreateTable
CREATE TABLE "post" (
    "id" TEXT NOT NULL,
    "team_id" TEXT NOT NULL,
    "campaign_id" TEXT NOT NULL,
    "rev" INTEGER NOT NULL DEFAULT 1,
    "created_by_person_id" TEXT NOT NULL,
    "created_by_connection_id" TEXT,
    "client_ref" TEXT,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "post_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "post_revision" (
    "team_id" TEXT NOT NULL,
    "post_id" TEXT NOT NULL,
    "rev" INTEGER NOT NULL,
    "text" TEXT NOT NULL,
    "content_hash" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "post_revision_pkey" PRIMARY KEY ("post_id","rev")
);

-- CreateTable
CREATE TABLE "caption" (
    "team_id" TEXT NOT NULL,
    "post_id" TEXT NOT NULL,
    "rev" INTEGER NOT NULL,
    "channel_id" TEXT NOT NULL,
    "parts" TEXT[],

    CONSTRAINT "caption_pkey" PRIMARY KEY ("post_id","rev","channel_id")
);

-- CreateTable
CREATE TABLE "approval" (
    "id" TEXT NOT NULL,
    "team_id" TEXT NOT NULL,
    "post_id" TEXT NOT NULL,
    "rev" INTEGER NOT NULL,
    "content_hash" BYTEA NOT NULL,
    "person_id" TEXT NOT NULL,
    "decision" TEXT NOT NULL,
    "note" TEXT,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "approval_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "delivery" (
    "id" TEXT NOT NULL,
    "team_id" TEXT NOT NULL,
    "post_id" TEXT NOT NULL,
    "channel_id" TEXT NOT NULL,
    "rev" INTEGER NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'draft',
    "due_at" TIMESTAMPTZ(6),
    "time_zone" TEXT,
    "local_time" TEXT,
    "not_before" TIMESTAMPTZ(6),
    "not_after" TIMESTAMPTZ(6),
    "scheduled_at" TIMESTAMPTZ(6),
    "scheduled_by_connection_id" TEXT,
    "scheduled_by_person_id" TEXT,
    "fence" INTEGER NOT NULL DEFAULT 0,
    "lease_until" TIMESTAMPTZ(6),
    "hinted_at" TIMESTAMPTZ(6),
    "send_started_at" TIMESTAMPTZ(6),
    "payload_hash" BYTEA,
    "resend_count" INTEGER NOT NULL DEFAULT 0,
    "empty_read_count" INTEGER NOT NULL DEFAULT 0,
    "retry_count" INTEGER NOT NULL DEFAULT 0,
    "problem_code" TEXT,
    "problem_message" TEXT,
    "remote_id" TEXT,
    "remote_url" TEXT,
    "published_at" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "delivery_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "delivery_part" (
    "delivery_id" TEXT NOT NULL,
    "part_no" INTEGER NOT NULL,
    "text" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "frozen_at" TIMESTAMPTZ(6) NOT NULL,
    "prepared" JSONB,
    "remote_id" TEXT,
    "remote_url" TEXT,
    "remote_ref" JSONB,
    "published_at" TIMESTAMPTZ(6),

    CONSTRAINT "delivery_part_pkey" PRIMARY KEY ("delivery_id","part_no")
);

-- CreateTable
CREATE TABLE "attempt" (
    "delivery_id" TEXT NOT NULL,
    "fence" INTEGER NOT NULL,
    "part_no" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "payload_hash" BYTEA NOT NULL,
    "idempotency_key" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(6) NOT NULL,
    "finished_at" TIMESTAMPTZ(6),
    "outcome" TEXT,
    "evidence" JSONB,

    CONSTRAINT "attempt_pkey" PRIMARY KEY ("delivery_id","fence","part_no","kind")
);

-- CreateTable
CREATE TABLE "playground_post" (
    "id" TEXT NOT NULL,
    "team_id" TEXT NOT NULL,
    "channel_id" TEXT NOT NULL,
    "delivery_id" TEXT NOT NULL,
    "part_no" INTEGER NOT NULL,
    "text" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "playground_post_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "activity" (
    "id" TEXT NOT NULL,
    "team_id" TEXT NOT NULL,
    "at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "actor" TEXT NOT NULL,
    "person_id" TEXT,
    "connection_id" TEXT,
    "action" TEXT NOT NULL,
    "target" TEXT,
    "result" TEXT NOT NULL,
    "detail" JSONB,

    CONSTRAINT "activity_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "person_email_key" ON "person"("email");

-- CreateIndex
CREATE INDEX "browser_session_person_id_idx" ON "browser_session"("person_id");

-- CreateIndex
CREATE INDEX "browser_session_expires_at_idx" ON "browser_session"("expires_at");

-- CreateIndex
CREATE INDEX "membership_person_id_idx" ON "membership"("person_id");

-- CreateIndex
CREATE INDEX "client_created_at_idx" ON "client"("created_at");

-- CreateIndex
CREATE INDEX "connection_person_id_idx" ON "connection"("person_id");

-- CreateIndex
CREATE INDEX "connection_client_id_idx" ON "connection"("client_id");

-- CreateIndex
CREATE UNIQUE INDEX "connection_team_id_id_key" ON "connection"("team_id", "id");

-- CreateIndex
CREATE INDEX "oidc_grant_connection_id_idx" ON "oidc_grant"("connection_id");

-- CreateIndex
CREATE INDEX "oidc_grant_expires_at_idx" ON "oidc_grant"("expires_at");

-- CreateIndex
CREATE INDEX "oidc_token_grant_id_kind_idx" ON "oidc_token"("grant_id", "kind");

-- CreateIndex
CREATE INDEX "oidc_token_expires_at_idx" ON "oidc_token"("expires_at");

-- CreateIndex
CREATE UNIQUE INDEX "oidc_state_uid_key" ON "oidc_state"("uid");

-- CreateIndex
CREATE INDEX "oidc_state_expires_at_idx" ON "oidc_state"("expires_at");

-- CreateIndex
CREATE INDEX "refresh_replay_grant_id_idx" ON "refresh_replay"("grant_id");

-- CreateIndex
CREATE UNIQUE INDEX "channel_team_id_id_key" ON "channel"("team_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "channel_team_id_network_remote_account_id_key" ON "channel"("team_id", "network", "remote_account_id");

-- CreateIndex
CREATE INDEX "campaign_team_id_created_at_id_idx" ON "campaign"("team_id", "created_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "campaign_team_id_id_key" ON "campaign"("team_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "campaign_created_by_connection_id_client_ref_key" ON "campaign"("created_by_connection_id", "client_ref");

-- CreateIndex
CREATE INDEX "post_team_id_created_at_id_idx" ON "post"("team_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "post_team_id_campaign_id_created_at_id_idx" ON "post"("team_id", "campaign_id", "created_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "post_team_id_id_key" ON "post"("team_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "post_created_by_connection_id_client_ref_key" ON "post"("created_by_connection_id", "client_ref");

-- CreateIndex
CREATE UNIQUE INDEX "post_revision_team_id_post_id_rev_key" ON "post_revision"("team_id", "post_id", "rev");

-- CreateIndex
CREATE INDEX "approval_post_id_rev_idx" ON "approval"("post_id", "rev");

-- CreateIndex
CREATE INDEX "delivery_team_id_state_due_at_idx" ON "delivery"("team_id", "state", "due_at");

-- CreateIndex
CREATE INDEX "delivery_scheduled_by_connection_id_idx" ON "delivery"("scheduled_by_connection_id");

-- CreateIndex
CREATE UNIQUE INDEX "delivery_post_id_channel_id_key" ON "delivery"("post_id", "channel_id");

-- CreateIndex
CREATE INDEX "playground_post_channel_id_created_at_idx" ON "playground_post"("channel_id", "created_at");

-- CreateIndex
CREATE UNIQUE INDEX "playground_post_delivery_id_part_no_key" ON "playground_post"("delivery_id", "part_no");

-- CreateIndex
CREATE INDEX "activity_team_id_at_id_idx" ON "activity"("team_id", "at", "id");

-- CreateIndex
CREATE INDEX "activity_connection_id_at_idx" ON "activity"("connection_id", "at");

-- AddForeignKey
ALTER TABLE "browser_session" ADD CONSTRAINT "browser_session_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "person"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "membership" ADD CONSTRAINT "membership_team_id_fkey" FOREIGN KEY ("team_id") REFERENCES "team"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "membership" ADD CONSTRAINT "membership_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "person"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "connection" ADD CONSTRAINT "connection_team_id_fkey" FOREIGN KEY ("team_id") REFERENCES "team"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "connection" ADD CONSTRAINT "connection_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "person"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "connection" ADD CONSTRAINT "connection_client_id_fkey" FOREIGN KEY ("client_id") REFERENCES "client"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "connection" ADD CONSTRAINT "connection_revoked_by_id_fkey" FOREIGN KEY ("revoked_by_id") REFERENCES "person"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "oidc_grant" ADD CONSTRAINT "oidc_grant_connection_id_fkey" FOREIGN KEY ("connection_id") REFERENCES "connection"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "oidc_token" ADD CONSTRAINT "oidc_token_grant_id_fkey" FOREIGN KEY ("grant_id") REFERENCES "oidc_grant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "refresh_replay" ADD CONSTRAINT "refresh_replay_grant_id_fkey" FOREIGN KEY ("grant_id") REFERENCES "oidc_grant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "channel" ADD CONSTRAINT "channel_team_id_fkey" FOREIGN KEY ("team_id") REFERENCES "team"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "campaign" ADD CONSTRAINT "campaign_team_id_fkey" FOREIGN KEY ("team_id") REFERENCES "team"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "campaign" ADD CONSTRAINT "campaign_created_by_person_id_fkey" FOREIGN KEY ("created_by_person_id") REFERENCES "person"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "campaign" ADD CONSTRAINT "campaign_team_id_created_by_connection_id_fkey" FOREIGN KEY ("team_id", "created_by_connection_id") REFERENCES "connection"("team_id", "id") ON DELETE NO ACTION ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "campaign_channel" ADD CONSTRAINT "campaign_channel_team_id_campaign_id_fkey" FOREIGN KEY ("team_id", "campaign_id") REFERENCES "campaign"("team_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "campaign_channel" ADD CONSTRAINT "campaign_channel_team_id_channel_id_fkey" FOREIGN KEY ("team_id", "channel_id") REFERENCES "channel"("team_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "post" ADD CONSTRAINT "post_team_id_fkey" FOREIGN KEY ("team_id") REFERENCES "team"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "post" ADD CONSTRAINT "post_team_id_campaign_id_fkey" FOREIGN KEY ("team_id", "campaign_id") REFERENCES "campaign"("team_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "post" ADD CONSTRAINT "post_created_by_person_id_fkey" FOREIGN KEY ("created_by_person_id") REFERENCES "person"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "post" ADD CONSTRAINT "post_team_id_created_by_connection_id_fkey" FOREIGN KEY ("team_id", "created_by_connection_id") REFERENCES "connection"("team_id", "id") ON DELETE NO ACTION ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "post_revision" ADD CONSTRAINT "post_revision_team_id_post_id_fkey" FOREIGN KEY ("team_id", "post_id") REFERENCES "post"("team_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "caption" ADD CONSTRAINT "caption_team_id_post_id_rev_fkey" FOREIGN KEY ("team_id", "post_id", "rev") REFERENCES "post_revision"("team_id", "post_id", "rev") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "caption" ADD CONSTRAINT "caption_team_id_channel_id_fkey" FOREIGN KEY ("team_id", "channel_id") REFERENCES "channel"("team_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "approval" ADD CONSTRAINT "approval_team_id_post_id_rev_fkey" FOREIGN KEY ("team_id", "post_id", "rev") REFERENCES "post_revision"("team_id", "post_id", "rev") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "approval" ADD CONSTRAINT "approval_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "person"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "delivery" ADD CONSTRAINT "delivery_team_id_post_id_fkey" FOREIGN KEY ("team_id", "post_id") REFERENCES "post"("team_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "delivery" ADD CONSTRAINT "delivery_team_id_post_id_rev_fkey" FOREIGN KEY ("team_id", "post_id", "rev") REFERENCES "post_revision"("team_id", "post_id", "rev") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "delivery" ADD CONSTRAINT "delivery_team_id_channel_id_fkey" FOREIGN KEY ("team_id", "channel_id") REFERENCES "channel"("team_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "delivery" ADD CONSTRAINT "delivery_team_id_scheduled_by_connection_id_fkey" FOREIGN KEY ("team_id", "scheduled_by_connection_id") REFERENCES "connection"("team_id", "id") ON DELETE NO ACTION ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "delivery" ADD CONSTRAINT "delivery_scheduled_by_person_id_fkey" FOREIGN KEY ("scheduled_by_person_id") REFERENCES "person"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "delivery_part" ADD CONSTRAINT "delivery_part_delivery_id_fkey" FOREIGN KEY ("delivery_id") REFERENCES "delivery"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "attempt" ADD CONSTRAINT "attempt_delivery_id_fkey" FOREIGN KEY ("delivery_id") REFERENCES "delivery"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "playground_post" ADD CONSTRAINT "playground_post_team_id_channel_id_fkey" FOREIGN KEY ("team_id", "channel_id") REFERENCES "channel"("team_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "activity" ADD CONSTRAINT "activity_team_id_fkey" FOREIGN KEY ("team_id") REFERENCES "team"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "activity" ADD CONSTRAINT "activity_team_id_connection_id_fkey" FOREIGN KEY ("team_id", "connection_id") REFERENCES "connection"("team_id", "id") ON DELETE NO ACTION ON UPDATE CASCADE;

-- What follows only SQL can say. test/database/schema-agreement.test.ts lists it.

-- Vocabularies
ALTER TABLE "membership" ADD CONSTRAINT "membership_role" CHECK ("role" IN ('owner', 'editor', 'viewer'));
ALTER TABLE "oidc_token" ADD CONSTRAINT "oidc_token_kind" CHECK ("kind" IN ('AuthorizationCode', 'AccessToken', 'RefreshToken'));
ALTER TABLE "channel" ADD CONSTRAINT "channel_status" CHECK ("status" IN ('ok', 'needs_reconnect'));
ALTER TABLE "campaign" ADD CONSTRAINT "campaign_status" CHECK ("status" IN ('active', 'paused', 'archived'));
ALTER TABLE "approval" ADD CONSTRAINT "approval_decision" CHECK ("decision" IN ('approved', 'rejected'));
ALTER TABLE "attempt" ADD CONSTRAINT "attempt_kind" CHECK ("kind" IN ('send', 'read_back'));
ALTER TABLE "activity" ADD CONSTRAINT "activity_actor" CHECK ("actor" IN ('connection', 'person', 'system'));
ALTER TABLE "delivery" ADD CONSTRAINT "delivery_state" CHECK ("state" IN (
    'draft', 'awaiting_approval', 'scheduled', 'claimed', 'prepared', 'sending', 'published',
    'unknown', 'needs_attention', 'held', 'failed', 'cancelled', 'missed', 'taken_down'));

-- A caption has text, a post revision counts up from 1.
ALTER TABLE "caption" ADD CONSTRAINT "caption_has_parts" CHECK (cardinality("parts") >= 1);
ALTER TABLE "post_revision" ADD CONSTRAINT "post_revision_counts" CHECK ("rev" >= 1);
ALTER TABLE "post" ADD CONSTRAINT "post_current_revision" FOREIGN KEY ("id", "rev")
    REFERENCES "post_revision" ("post_id", "rev") DEFERRABLE INITIALLY DEFERRED;

-- Published means live with its remote id, and nothing else does.
ALTER TABLE "delivery" ADD CONSTRAINT "delivery_published_has_remote" CHECK (
    ("state" IN ('published', 'taken_down')) = ("remote_id" IS NOT NULL AND "published_at" IS NOT NULL));
-- Whoever works on a delivery holds a lease.
ALTER TABLE "delivery" ADD CONSTRAINT "delivery_work_is_leased" CHECK (
    "state" NOT IN ('claimed', 'prepared', 'sending') OR "lease_until" IS NOT NULL);
-- What waits for a worker has a time at which one looks, and a time after which it is too late.
ALTER TABLE "delivery" ADD CONSTRAINT "delivery_waiting_has_times" CHECK (
    "state" NOT IN ('scheduled', 'claimed', 'prepared', 'sending', 'unknown')
    OR ("not_before" IS NOT NULL AND "not_after" IS NOT NULL AND "due_at" IS NOT NULL));
-- Before a byte leaves it is written down what leaves and since when.
ALTER TABLE "delivery" ADD CONSTRAINT "delivery_sending_is_recorded" CHECK (
    "state" NOT IN ('sending', 'unknown') OR ("send_started_at" IS NOT NULL AND "payload_hash" IS NOT NULL));
-- Every delivery on its way names exactly one authority: the connection or the person it was scheduled by.
ALTER TABLE "delivery" ADD CONSTRAINT "delivery_has_one_authority" CHECK (
    "state" IN ('draft', 'cancelled') OR num_nonnulls("scheduled_by_connection_id", "scheduled_by_person_id") = 1);
-- What stopped says why.
ALTER TABLE "delivery" ADD CONSTRAINT "delivery_stop_has_reason" CHECK (
    "state" NOT IN ('held', 'failed', 'needs_attention', 'missed') OR "problem_code" IS NOT NULL);

-- One send at a time on a channel: networks judge duplicates and order per account.
CREATE UNIQUE INDEX "delivery_one_sending_per_channel" ON "delivery" ("channel_id") WHERE "state" = 'sending';
-- A remote post belongs to one delivery.
CREATE UNIQUE INDEX "delivery_remote_id" ON "delivery" ("channel_id", "remote_id") WHERE "remote_id" IS NOT NULL;
-- At most one open attempt per delivery.
CREATE UNIQUE INDEX "attempt_one_open" ON "attempt" ("delivery_id") WHERE "outcome" IS NULL;
-- The due scan reads these two and nothing else.
CREATE INDEX "delivery_due" ON "delivery" ("not_before") WHERE "state" IN ('scheduled', 'unknown');
CREATE INDEX "delivery_leased" ON "delivery" ("lease_until") WHERE "state" IN ('claimed', 'prepared', 'sending');

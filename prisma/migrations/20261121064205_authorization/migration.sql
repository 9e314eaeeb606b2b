-- AlterTable
ALTER TABLE "team" ADD COLUMN     "policy_version" INTEGER NOT NULL DEFAULT 1;

-- AlterTable
ALTER TABLE "client" ADD COLUMN     "address" TEXT;

-- AlterTable
ALTER TABLE "connection" ADD COLUMN     "ends_at" TIMESTAMPTZ(6),
ADD COLUMN     "first_used_at" TIMESTAMPTZ(6),
ADD COLUMN     "last_address" TEXT;

-- AlterTable
ALTER TABLE "delivery" ADD COLUMN     "policy_rule" TEXT,
ADD COLUMN     "scheduled_by_tool" TEXT;

-- AlterTable
ALTER TABLE "activity" ADD COLUMN     "address" TEXT,
ADD COLUMN     "rule" TEXT;

-- AlterTable
ALTER TABLE "person" ALTER COLUMN "password_hash" DROP NOT NULL;

-- CreateTable
CREATE TABLE "external_identity" (
    "issuer" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "person_id" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "external_identity_pkey" PRIMARY KEY ("issuer","subject")
);

-- CreateTable
CREATE TABLE "company_sign_in" (
    "state_hash" BYTEA NOT NULL,
    "browser_hash" BYTEA NOT NULL,
    "sealed" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "returned_at" TIMESTAMPTZ(6),
    "vouched" BYTEA,

    CONSTRAINT "company_sign_in_pkey" PRIMARY KEY ("state_hash")
);

-- CreateTable
CREATE TABLE "invitation" (
    "id" TEXT NOT NULL,
    "token_hash" BYTEA NOT NULL,
    "team_id" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "invited_by_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,
    "used_at" TIMESTAMPTZ(6),

    CONSTRAINT "invitation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "client_document" (
    "url" TEXT NOT NULL,
    "body" TEXT,
    "fetched_at" TIMESTAMPTZ(6),
    "fresh_until" TIMESTAMPTZ(6),
    "failed_at" TIMESTAMPTZ(6),
    "problem" TEXT,

    CONSTRAINT "client_document_pkey" PRIMARY KEY ("url")
);

-- CreateTable
CREATE TABLE "policy_rule" (
    "id" TEXT NOT NULL,
    "team_id" TEXT NOT NULL,
    "client_id" TEXT,
    "connection_id" TEXT,
    "tool" TEXT,
    "channel_id" TEXT,
    "condition" TEXT NOT NULL,
    "effect" TEXT NOT NULL,
    "posts_per_day" INTEGER,
    "quiet_from" TEXT,
    "quiet_to" TEXT,
    "after_at" TIMESTAMPTZ(6),
    "created_by_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "policy_rule_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "client_event" (
    "id" TEXT NOT NULL,
    "at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "kind" TEXT NOT NULL,
    "client_id" TEXT,
    "connection_id" TEXT,
    "person_id" TEXT,
    "address" TEXT,
    "user_agent" TEXT,
    "reason" TEXT,

    CONSTRAINT "client_event_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "activity_digest" (
    "team_id" TEXT NOT NULL,
    "day" DATE NOT NULL,
    "row_count" INTEGER NOT NULL,
    "digest" BYTEA NOT NULL,
    "signature" BYTEA NOT NULL,
    "signed_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "activity_digest_pkey" PRIMARY KEY ("team_id","day")
);

-- CreateIndex
CREATE INDEX "external_identity_person_id_idx" ON "external_identity"("person_id");

-- CreateIndex
CREATE INDEX "company_sign_in_created_at_idx" ON "company_sign_in"("created_at");

-- CreateIndex
CREATE UNIQUE INDEX "invitation_token_hash_key" ON "invitation"("token_hash");

-- CreateIndex
CREATE INDEX "invitation_team_id_idx" ON "invitation"("team_id");

-- CreateIndex
CREATE INDEX "policy_rule_team_id_idx" ON "policy_rule"("team_id");

-- CreateIndex
CREATE INDEX "client_event_client_id_at_idx" ON "client_event"("client_id", "at");

-- CreateIndex
CREATE INDEX "client_event_connection_id_at_idx" ON "client_event"("connection_id", "at");

-- CreateIndex
CREATE INDEX "client_event_person_id_at_idx" ON "client_event"("person_id", "at");

-- CreateIndex
CREATE INDEX "client_event_address_at_idx" ON "client_event"("address", "at");

-- CreateIndex
CREATE INDEX "client_event_at_idx" ON "client_event"("at");

-- CreateIndex
CREATE INDEX "activity_team_id_target_at_idx" ON "activity"("team_id", "target", "at");

-- AddForeignKey
ALTER TABLE "external_identity" ADD CONSTRAINT "external_identity_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "person"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "invitation" ADD CONSTRAINT "invitation_team_id_fkey" FOREIGN KEY ("team_id") REFERENCES "team"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "invitation" ADD CONSTRAINT "invitation_invited_by_id_fkey" FOREIGN KEY ("invited_by_id") REFERENCES "person"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "policy_rule" ADD CONSTRAINT "policy_rule_team_id_fkey" FOREIGN KEY ("team_id") REFERENCES "team"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "policy_rule" ADD CONSTRAINT "policy_rule_team_id_connection_id_fkey" FOREIGN KEY ("team_id", "connection_id") REFERENCES "connection"("team_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "policy_rule" ADD CONSTRAINT "policy_rule_team_id_channel_id_fkey" FOREIGN KEY ("team_id", "channel_id") REFERENCES "channel"("team_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "policy_rule" ADD CONSTRAINT "policy_rule_created_by_id_fkey" FOREIGN KEY ("created_by_id") REFERENCES "person"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "activity_digest" ADD CONSTRAINT "activity_digest_team_id_fkey" FOREIGN KEY ("team_id") REFERENCES "team"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- DropForeignKey
ALTER TABLE "activity" DROP CONSTRAINT "activity_team_id_fkey";

-- AddForeignKey
ALTER TABLE "activity" ADD CONSTRAINT "activity_team_id_fkey" FOREIGN KEY ("team_id") REFERENCES "team"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What follows only SQL can say. test/database/schema-agreement.test.ts lists it.
ALTER TABLE "invitation" ADD CONSTRAINT "invitation_role" CHECK ("role" IN ('owner', 'editor', 'viewer'));
ALTER TABLE "policy_rule" ADD CONSTRAINT "policy_rule_effect" CHECK ("effect" IN ('allow', 'ask', 'deny'));
-- A rule has what its condition is about, and nothing else.
ALTER TABLE "policy_rule" ADD CONSTRAINT "policy_rule_condition" CHECK (
    "condition" IN ('always', 'daily_cap', 'quiet_hours', 'first_use', 'after')
    AND ("condition" = 'daily_cap') = ("posts_per_day" IS NOT NULL)
    AND ("condition" = 'quiet_hours') = ("quiet_from" IS NOT NULL)
    AND ("condition" = 'quiet_hours') = ("quiet_to" IS NOT NULL)
    AND ("condition" = 'after') = ("after_at" IS NOT NULL));
ALTER TABLE "policy_rule" ADD CONSTRAINT "policy_rule_posts_per_day" CHECK ("posts_per_day" >= 0);

-- Connections that may publish were allowed every channel: nobody is asked for the first post on one.
INSERT INTO "policy_rule" ("id", "team_id", "connection_id", "condition", "effect", "created_by_id")
SELECT 'rul_' || substr("id", 5), "team_id", "id", 'first_use', 'allow', "person_id"
FROM "connection" WHERE "revoked_at" IS NULL AND 'posts:publish' = ANY ("scopes");


-- The audit record is only ever added to. This holds for whoever owns the tables too, and for what foreign keys cascade;
-- the server itself acts as a role without the right (server/database/server-role.ts).
CREATE FUNCTION "refuse_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed or removed', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER "activity_is_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "activity"
    FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
CREATE TRIGGER "activity_digest_is_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "activity_digest"
    FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();

-- As server/ids.ts makes them: the prefix and a UUIDv7 as 32 hex digits.
CREATE FUNCTION "new_activity_id"() RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT 'act_' || lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0') || '7'
        || substr(replace(gen_random_uuid()::text, '-', ''), 14)
$$;

-- One row for each change of a delivery that people ask about, in the statement that makes it: none can forget it.
-- Whoever approved, refused or withdrew in the same transaction is named; what a worker did has the actor system.
CREATE FUNCTION "record_delivery_change"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    is_placed boolean := NEW."state" IN ('scheduled', 'awaiting_approval')
        AND NEW."scheduled_at" IS DISTINCT FROM OLD."scheduled_at";
    change text := CASE
        WHEN is_placed AND OLD."state" IN ('scheduled', 'awaiting_approval') THEN 'moved'
        WHEN is_placed THEN 'scheduled'
        WHEN OLD."scheduled_by_connection_id" IS NOT NULL AND NEW."scheduled_by_person_id" IS NOT NULL THEN 'handed_over'
        WHEN NEW."state" = OLD."state" THEN NULL
        WHEN NEW."state" = 'scheduled' AND OLD."state" = 'awaiting_approval' THEN 'approved'
        WHEN NEW."state" = 'draft' THEN 'cancelled'
        WHEN NEW."state" IN ('published', 'held', 'failed', 'missed', 'unknown', 'needs_attention', 'cancelled',
            'taken_down') THEN NEW."state" END;
    connection text := coalesce(NEW."scheduled_by_connection_id",
        CASE WHEN NEW."scheduled_by_person_id" IS NULL THEN OLD."scheduled_by_connection_id" END);
    person text := coalesce(NEW."scheduled_by_person_id",
        CASE WHEN connection IS NULL THEN OLD."scheduled_by_person_id" END);
    actor text := CASE WHEN change = 'handed_over' OR is_placed AND connection IS NULL THEN 'person'
        WHEN is_placed THEN 'connection' ELSE 'system' END;
    decider text;
BEGIN
    IF change IS NULL THEN
        RETURN NULL;
    END IF;
    IF change IN ('approved', 'cancelled') THEN
        SELECT a."person_id" INTO decider FROM "approval" a
        WHERE a."post_id" = NEW."post_id" AND a."rev" = NEW."rev" AND a."created_at" >= transaction_timestamp()
        ORDER BY a."created_at" DESC, a."id" DESC LIMIT 1;
        IF decider IS NOT NULL THEN
            actor := 'person';
            person := decider;
        END IF;
    ELSIF actor = 'connection' THEN
        SELECT c."person_id" INTO person FROM "connection" c WHERE c."id" = connection;
    END IF;
    INSERT INTO "activity" ("id", "team_id", "at", "actor", "person_id", "connection_id", "action", "target", "result",
        "rule", "detail")
    VALUES (new_activity_id(), NEW."team_id", clock_timestamp(), actor, person, connection, 'delivery.' || change,
        NEW."post_id", coalesce(NEW."problem_code", 'ok'),
        CASE WHEN change IN ('scheduled', 'moved', 'held') THEN NEW."policy_rule" END,
        jsonb_strip_nulls(jsonb_build_object('deliveryId', NEW."id", 'channelId', NEW."channel_id", 'state', NEW."state",
            'dueAt', CASE WHEN NEW."state" <> 'published' THEN NEW."due_at" END, 'url', NEW."remote_url")));
    RETURN NULL;
END $$;
CREATE TRIGGER "delivery_is_recorded" AFTER UPDATE ON "delivery" FOR EACH ROW
    WHEN (OLD."state" IS DISTINCT FROM NEW."state" OR OLD."scheduled_at" IS DISTINCT FROM NEW."scheduled_at"
        OR OLD."scheduled_by_connection_id" IS DISTINCT FROM NEW."scheduled_by_connection_id")
    EXECUTE FUNCTION "record_delivery_change"();

-- What was held until it is too late, and the calendar's window: each would read every delivery.
CREATE INDEX "delivery_held" ON "delivery" ("not_after") WHERE "state" = 'held';
CREATE INDEX "delivery_window" ON "delivery" ("team_id", (coalesce("published_at", "due_at")));

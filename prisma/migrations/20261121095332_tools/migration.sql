-- AlterTable
ALTER TABLE "channel" ADD COLUMN     "imitates" TEXT,
ADD COLUMN     "metrics_due_at" TIMESTAMPTZ(6),
ADD COLUMN     "own_limits" JSONB;

-- AlterTable
ALTER TABLE "post" ADD COLUMN     "discarded_at" TIMESTAMPTZ(6);

-- AlterTable
ALTER TABLE "delivery" ADD COLUMN     "gone_at" TIMESTAMPTZ(6),
ADD COLUMN     "held_from" TEXT,
ADD COLUMN     "metrics_due_at" TIMESTAMPTZ(6),
ADD COLUMN     "metrics_failures" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "taken_down_at" TIMESTAMPTZ(6);

-- AlterTable
ALTER TABLE "playground_post" ADD COLUMN     "liked_by" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "media" JSONB NOT NULL DEFAULT '[]',
ADD COLUMN     "viewed_by" TEXT[] DEFAULT ARRAY[]::TEXT[];

-- CreateTable
CREATE TABLE "queue_slot" (
    "team_id" TEXT NOT NULL,
    "channel_id" TEXT NOT NULL,
    "weekday" INTEGER NOT NULL,
    "local_time" TEXT NOT NULL,

    CONSTRAINT "queue_slot_pkey" PRIMARY KEY ("channel_id","weekday","local_time")
);

-- CreateTable
CREATE TABLE "revision_media" (
    "team_id" TEXT NOT NULL,
    "post_id" TEXT NOT NULL,
    "rev" INTEGER NOT NULL,
    "position" INTEGER NOT NULL,
    "media_id" TEXT NOT NULL,
    "alt_text" TEXT,
    "focal_x" DOUBLE PRECISION NOT NULL DEFAULT 0.5,
    "focal_y" DOUBLE PRECISION NOT NULL DEFAULT 0.5,

    CONSTRAINT "revision_media_pkey" PRIMARY KEY ("post_id","rev","position")
);

-- CreateTable
CREATE TABLE "rendition" (
    "team_id" TEXT NOT NULL,
    "post_id" TEXT NOT NULL,
    "rev" INTEGER NOT NULL,
    "channel_id" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "storage_key" TEXT NOT NULL,
    "content_hash" BYTEA NOT NULL,
    "mime_type" TEXT NOT NULL,
    "width" INTEGER NOT NULL,
    "height" INTEGER NOT NULL,
    "byte_count" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "rendition_pkey" PRIMARY KEY ("post_id","rev","channel_id","position")
);

-- CreateTable
CREATE TABLE "approval_request" (
    "id" TEXT NOT NULL,
    "team_id" TEXT NOT NULL,
    "post_id" TEXT NOT NULL,
    "rev" INTEGER NOT NULL,
    "content_hash" BYTEA NOT NULL,
    "note" TEXT,
    "reviewer_id" TEXT,
    "requested_by_person_id" TEXT NOT NULL,
    "requested_by_connection_id" TEXT,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "approval_request_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "media" (
    "id" TEXT NOT NULL,
    "team_id" TEXT NOT NULL,
    "campaign_id" TEXT,
    "state" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "filename" TEXT,
    "alt_text" TEXT,
    "focal_x" DOUBLE PRECISION NOT NULL DEFAULT 0.5,
    "focal_y" DOUBLE PRECISION NOT NULL DEFAULT 0.5,
    "tags" TEXT[],
    "mime_type" TEXT,
    "width" INTEGER,
    "height" INTEGER,
    "byte_count" INTEGER,
    "storage_key" TEXT,
    "content_hash" BYTEA,
    "origin_hash" BYTEA,
    "problem_code" TEXT,
    "problem_message" TEXT,
    "upload_token_hash" BYTEA,
    "upload_expires_at" TIMESTAMPTZ(6),
    "created_by_person_id" TEXT NOT NULL,
    "created_by_connection_id" TEXT,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "media_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "metric_snapshot" (
    "team_id" TEXT NOT NULL,
    "delivery_id" TEXT NOT NULL,
    "captured_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "views" INTEGER,
    "likes" INTEGER,
    "comments" INTEGER,
    "shares" INTEGER,
    "clicks" INTEGER,

    CONSTRAINT "metric_snapshot_pkey" PRIMARY KEY ("delivery_id","captured_at")
);

-- CreateTable
CREATE TABLE "channel_snapshot" (
    "team_id" TEXT NOT NULL,
    "channel_id" TEXT NOT NULL,
    "day" DATE NOT NULL,
    "captured_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "followers" INTEGER,
    "posts" INTEGER,

    CONSTRAINT "channel_snapshot_pkey" PRIMARY KEY ("channel_id","day")
);

-- CreateIndex
CREATE INDEX "revision_media_media_id_idx" ON "revision_media"("media_id");

-- CreateIndex
CREATE INDEX "rendition_team_id_storage_key_idx" ON "rendition"("team_id", "storage_key");

-- CreateIndex
CREATE INDEX "approval_request_post_id_rev_idx" ON "approval_request"("post_id", "rev");

-- CreateIndex
CREATE INDEX "approval_request_team_id_expires_at_idx" ON "approval_request"("team_id", "expires_at");

-- CreateIndex
CREATE UNIQUE INDEX "media_upload_token_hash_key" ON "media"("upload_token_hash");

-- CreateIndex
CREATE INDEX "media_team_id_created_at_id_idx" ON "media"("team_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "media_team_id_origin_hash_idx" ON "media"("team_id", "origin_hash");

-- CreateIndex
CREATE INDEX "media_team_id_storage_key_idx" ON "media"("team_id", "storage_key");

-- CreateIndex
CREATE UNIQUE INDEX "media_team_id_id_key" ON "media"("team_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "caption_team_id_post_id_rev_channel_id_key" ON "caption"("team_id", "post_id", "rev", "channel_id");

-- AddForeignKey
ALTER TABLE "queue_slot" ADD CONSTRAINT "queue_slot_team_id_channel_id_fkey" FOREIGN KEY ("team_id", "channel_id") REFERENCES "channel"("team_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "revision_media" ADD CONSTRAINT "revision_media_team_id_post_id_rev_fkey" FOREIGN KEY ("team_id", "post_id", "rev") REFERENCES "post_revision"("team_id", "post_id", "rev") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "revision_media" ADD CONSTRAINT "revision_media_team_id_media_id_fkey" FOREIGN KEY ("team_id", "media_id") REFERENCES "media"("team_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "rendition" ADD CONSTRAINT "rendition_team_id_post_id_rev_channel_id_fkey" FOREIGN KEY ("team_id", "post_id", "rev", "channel_id") REFERENCES "caption"("team_id", "post_id", "rev", "channel_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "approval_request" ADD CONSTRAINT "approval_request_team_id_post_id_rev_fkey" FOREIGN KEY ("team_id", "post_id", "rev") REFERENCES "post_revision"("team_id", "post_id", "rev") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "approval_request" ADD CONSTRAINT "approval_request_reviewer_id_fkey" FOREIGN KEY ("reviewer_id") REFERENCES "person"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "approval_request" ADD CONSTRAINT "approval_request_requested_by_person_id_fkey" FOREIGN KEY ("requested_by_person_id") REFERENCES "person"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "approval_request" ADD CONSTRAINT "approval_request_team_id_requested_by_connection_id_fkey" FOREIGN KEY ("team_id", "requested_by_connection_id") REFERENCES "connection"("team_id", "id") ON DELETE NO ACTION ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "media" ADD CONSTRAINT "media_team_id_fkey" FOREIGN KEY ("team_id") REFERENCES "team"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "media" ADD CONSTRAINT "media_team_id_campaign_id_fkey" FOREIGN KEY ("team_id", "campaign_id") REFERENCES "campaign"("team_id", "id") ON DELETE NO ACTION ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "media" ADD CONSTRAINT "media_created_by_person_id_fkey" FOREIGN KEY ("created_by_person_id") REFERENCES "person"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "media" ADD CONSTRAINT "media_team_id_created_by_connection_id_fkey" FOREIGN KEY ("team_id", "created_by_connection_id") REFERENCES "connection"("team_id", "id") ON DELETE NO ACTION ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "metric_snapshot" ADD CONSTRAINT "metric_snapshot_delivery_id_fkey" FOREIGN KEY ("delivery_id") REFERENCES "delivery"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "channel_snapshot" ADD CONSTRAINT "channel_snapshot_team_id_channel_id_fkey" FOREIGN KEY ("team_id", "channel_id") REFERENCES "channel"("team_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What Prisma's schema cannot say: test/database/schema-agreement.test.ts lists it.
ALTER TABLE "channel" ADD CONSTRAINT "channel_imitates" CHECK ("imitates" IS NULL OR "network" = 'playground');
ALTER TABLE "queue_slot" ADD CONSTRAINT "queue_slot_time" CHECK (
  "weekday" BETWEEN 1 AND 7 AND "local_time" ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$');
ALTER TABLE "media" ADD CONSTRAINT "media_state" CHECK ("state" IN ('awaiting_upload', 'ready', 'failed', 'deleted'));
ALTER TABLE "media" ADD CONSTRAINT "media_source" CHECK ("source" IN ('url', 'upload', 'card'));
ALTER TABLE "media" ADD CONSTRAINT "media_ready_has_file" CHECK (
  "state" <> 'ready' OR num_nulls("mime_type", "width", "height", "byte_count", "storage_key", "content_hash", "origin_hash") = 0);
ALTER TABLE "media" ADD CONSTRAINT "media_focal_point" CHECK ("focal_x" BETWEEN 0 AND 1 AND "focal_y" BETWEEN 0 AND 1);
ALTER TABLE "revision_media" ADD CONSTRAINT "revision_media_place" CHECK (
  "position" >= 1 AND "focal_x" BETWEEN 0 AND 1 AND "focal_y" BETWEEN 0 AND 1);
ALTER TABLE "metric_snapshot" ADD CONSTRAINT "metric_snapshot_counts" CHECK (
  least("views", "likes", "comments", "shares", "clicks") >= 0);
-- Lists walk these in their own order, so that a page costs the same however many posts a team has: by state, of a channel,
-- of a campaign, by time and what was done with one tool.
DROP INDEX "delivery_window";
DROP INDEX "post_team_id_campaign_id_created_at_id_idx";
CREATE INDEX "delivery_team_id_state_post_id_idx" ON "delivery"("team_id", "state", "post_id");
CREATE INDEX "delivery_channel_id_post_id_idx" ON "delivery"("channel_id", "post_id");
CREATE INDEX "post_team_id_campaign_id_id_idx" ON "post"("team_id", "campaign_id", "id");
CREATE INDEX "activity_team_id_action_at_id_idx" ON "activity"("team_id", "action", "at", "id");
CREATE INDEX "delivery_window" ON "delivery" ("team_id", (coalesce("published_at", "due_at")), "state", "post_id");
CREATE INDEX "delivery_channel_window" ON "delivery" ("channel_id", (coalesce("published_at", "due_at")), "state");
-- Letters in a row, in lower case, of names every three: text that has a part has the part's too. No extension is asked for.
CREATE FUNCTION "search_grams"("words" text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(DISTINCT substr(folded, at, 3)), '{}')
    FROM (SELECT lower(words) AS folded) f, generate_series(1, length(folded) - 2) at
$$;
CREATE FUNCTION "media_words"("filename" text, "alt_text" text, "tags" text[]) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT concat_ws(' ', filename, alt_text, array_to_string(tags, ' '))
$$;
CREATE INDEX "campaign_search" ON "campaign" USING gin (search_grams("name"));
-- Of pictures every two letters, with their team and quarter of the year: a search goes back quarter by quarter until its page is
-- full, so that many matches of long ago cost no more than few.
CREATE FUNCTION "media_grams"("team_id" text, "at" timestamptz, "words" text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(DISTINCT substr(folded, place, 2) || quarter || team_id), '{}')
    FROM (SELECT lower(words) AS folded, (extract(year FROM utc) * 4 + extract(quarter FROM utc))::int::text AS quarter
          FROM (SELECT at AT TIME ZONE 'UTC' AS utc) u) f, generate_series(1, length(folded) - 1) place
$$;
CREATE INDEX "media_search" ON "media" USING gin (media_grams("team_id", "created_at", media_words("filename", "alt_text", "tags")))
    WITH (fastupdate = off);
CREATE INDEX "media_team_id_mime_type_created_at_id_idx" ON "media"("team_id", "mime_type", "created_at", "id");
CREATE INDEX "media_missing_alt" ON "media" ("team_id", "created_at", "id") WHERE "alt_text" IS NULL;
-- Which channels a connection has published on is asked whenever something is placed.
DROP INDEX "delivery_scheduled_by_connection_id_idx";
CREATE INDEX "delivery_scheduled_by_connection_id_channel_id_state_idx" ON "delivery"("scheduled_by_connection_id", "channel_id", "state");
-- A look at a post's numbers is never changed; a later look adds a row.
CREATE TRIGGER "metric_snapshot_is_never_changed" BEFORE UPDATE ON "metric_snapshot"
    FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
-- Whose numbers are asked for next: posts leave it when they are too old to change.
CREATE INDEX "delivery_metrics" ON "delivery" ("metrics_due_at", "published_at")
    WHERE "state" = 'published' AND "metrics_due_at" IS DISTINCT FROM 'infinity';
-- Channels that are there get the queue slots of new ones: Monday to Friday, three times a day.
INSERT INTO "queue_slot" ("team_id", "channel_id", "weekday", "local_time")
SELECT c."team_id", c."id", weekday, local_time
FROM "channel" c, generate_series(1, 5) AS weekday, unnest(ARRAY['09:00', '12:30', '17:00']) AS local_time;

-- As before, and what was held and goes on has a row too: by a person's yes, or because what held it is over.
CREATE OR REPLACE FUNCTION "record_delivery_change"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    is_placed boolean := NEW."state" IN ('scheduled', 'awaiting_approval')
        AND NEW."scheduled_at" IS DISTINCT FROM OLD."scheduled_at";
    change text := CASE
        WHEN is_placed AND OLD."state" IN ('scheduled', 'awaiting_approval') THEN 'moved'
        WHEN is_placed THEN 'scheduled'
        WHEN OLD."scheduled_by_connection_id" IS NOT NULL AND NEW."scheduled_by_person_id" IS NOT NULL THEN 'handed_over'
        WHEN NEW."state" = OLD."state" THEN NULL
        WHEN NEW."state" = 'scheduled' AND OLD."state" = 'awaiting_approval' THEN 'approved'
        WHEN NEW."state" IN ('scheduled', 'awaiting_approval') AND OLD."state" IN ('held', 'missed') THEN 'released'
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
    IF change IN ('approved', 'cancelled', 'released') THEN
        SELECT a."person_id" INTO decider FROM "approval" a
        WHERE a."post_id" = NEW."post_id" AND a."rev" = NEW."rev" AND a."created_at" >= transaction_timestamp()
        ORDER BY a."created_at" DESC, a."id" DESC LIMIT 1;
        IF decider IS NOT NULL THEN
            actor := 'person';
            person := decider;
            change := CASE change WHEN 'released' THEN 'approved' ELSE change END;
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
